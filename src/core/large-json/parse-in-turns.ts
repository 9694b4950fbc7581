import { ALONE, doInTurns, type Steps } from '../event-loop.js';
import { isEscaped, type Json, type JsonObject, setField } from '../json.js';
import { TEXT_PIECE } from './cut-pieces.js';

/** Characters of JSON that are parsed, or looked through, at once: a millisecond or so. */
const AT_ONCE = 64 * 1024;
const [QUOTE, COMMA] = [34, 44];

/** What `JSON.parse` makes of a text that `JSON.stringify` has made, over as many turns of the event loop as it takes. */
export function parseInTurns(text: string): Promise<Json> {
  return doInTurns(parse(text));
}

function* parse(text: string): Steps<Json> {
  yield;
  if (text.length <= AT_ONCE) return JSON.parse(text) as Json;
  if (text.startsWith('[')) return yield* parseList(text);
  if (text.startsWith('{')) return yield* parseObject(text);
  return text.startsWith('"') ? yield* parseString(text) : (JSON.parse(text) as Json);
}

function* parseString(text: string): Steps<string> {
  const parts: string[] = [];
  for (let from = 1; from < text.length - 1;) {
    const end = endOfPiece(text, from);
    parts.push(JSON.parse(`"${text.slice(from, end)}"`) as string);
    from = end;
    yield;
  }
  yield ALONE;
  const whole = parts.join('');
  // What comes next takes its time, too.
  yield ALONE;
  return whole;
}

/** Where a piece of a string ends that begins there, so that no escape is cut. */
function endOfPiece(text: string, from: number): number {
  const end = Math.min(from + TEXT_PIECE, text.length - 1);
  const last = text.slice(from, end).lastIndexOf('\\') + from;
  if (last < from) return end;
  let first = last;
  while (first > from && text[first - 1] === '\\') first -= 1;
  // The second of two stands for a backslash.
  if ((last - first) % 2 === 1) return end;
  return Math.max(end, last + (text[last + 1] === 'u' ? 6 : 2));
}

function* parseList(text: string): Steps<Json> {
  const list: Json[] = [];
  for (let from = 1; from < text.length - 1;) {
    yield;
    const { end, isLong } = yield* takeItems(text, from);
    if (isLong) list.push(yield* parse(text.slice(from, end)));
    else list.push(...(JSON.parse(`[${text.slice(from, end)}]`) as Json[]));
    from = end + 1;
  }
  return list;
}

function* parseObject(text: string): Steps<Json> {
  const object: { [key: string]: Json } = {};
  for (let from = 1; from < text.length - 1;) {
    yield;
    const { end, isLong } = yield* takeItems(text, from);
    if (isLong) {
      const keyEnd = yield* endOfString(text, from);
      setField(object, JSON.parse(text.slice(from, keyEnd)) as string, yield* parse(text.slice(keyEnd + 1, end)));
    } else {
      const some = JSON.parse(`{${text.slice(from, end)}}`) as JsonObject;
      for (const key of Object.keys(some)) setField(object, key, some[key] as Json);
    }
    from = end + 1;
  }
  return object;
}

/** Where the items end that begin there: as many as are short together, or one that is long by itself. */
function* takeItems(text: string, from: number): Steps<{ readonly end: number; readonly isLong: boolean }> {
  let end = from;
  for (let at = from; at < text.length - 1;) {
    const next = yield* endOfItem(text, at);
    if (next - from > AT_ONCE) return end > from ? { end, isLong: false } : { end: next, isLong: true };
    end = next;
    at = next + 1;
  }
  return { end, isLong: false };
}

/** Where the comma or the bracket stands that ends the item of a list or an object. */
function* endOfItem(text: string, from: number): Steps<number> {
  let depth = 0;
  let looked = from;
  for (let at = from; at < text.length;) {
    if (at - looked > AT_ONCE) {
      looked = at;
      yield;
    }
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = yield* endOfString(text, at);
      continue;
    }
    if (depth === 0 && (code === COMMA || isClosing(code))) return at;
    if (isOpening(code)) depth += 1;
    else if (isClosing(code)) depth -= 1;
    at += 1;
  }
  return text.length;
}

/** Behind its closing quote. A piece at a time: characters that end as a quote does are looked at one by one. */
function* endOfString(text: string, from: number): Steps<number> {
  for (let start = from + 1; start < text.length; start += AT_ONCE) {
    const piece = text.slice(start, start + AT_ONCE);
    for (let at = piece.indexOf('"'); at !== -1; at = piece.indexOf('"', at + 1)) {
      if (!isEscaped(text, start + at)) return start + at + 1;
    }
    yield;
  }
  return text.length;
}

function isOpening(code: number): boolean {
  return code === 91 || code === 123;
}

function isClosing(code: number): boolean {
  return code === 93 || code === 125;
}
