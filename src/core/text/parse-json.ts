import { errorMessage } from '../errors.js';
import { nextTurn } from '../event-loop.js';
import { endOfString, findExcess } from './json-bounds.js';
import type { Json } from '../json.js';

/** Values nested deeper are refused: what walks them later (validation, serialization) is recursive. */
const MAX_DEPTH = 256;

export type ParsedJson =
  | { readonly kind: 'json'; readonly json: Json }
  | {
      readonly kind: 'fault';
      readonly reason: 'syntax';
      readonly message: string;
      /** What and where, in the words of the engine, which show a part of the text. */
      readonly detail: string;
    }
  | { readonly kind: 'fault'; readonly reason: 'depth' | 'size'; readonly message: string }
  | LossyJson;

/** JSON with a number that would come out as another one. */
export interface LossyJson {
  readonly kind: 'fault';
  readonly reason: 'number';
  readonly message: string;
  /** JSON pointer to the number. */
  readonly path: string;
  /** What the text says, except for such numbers. */
  readonly nearly: Json;
}

/** For what callers send: `parseJson` within bounds of how much a text holds. */
export function parseCallerJson(text: string): ParsedJson {
  const excess = findExcess(text);
  return excess === null ? parseJson(text) : tooMuch(excess);
}

/** The same over several turns of the event loop, none of which the caller has part in, for texts of many megabytes. */
export async function parseCallerJsonInTurns(text: string): Promise<ParsedJson> {
  await nextTurn();
  const excess = findExcess(text);
  await nextTurn();
  if (excess !== null) return tooMuch(excess);
  const parsed = parseSyntax(text);
  await nextTurn();
  if (parsed.kind === 'fault') return parsed;
  const judged = judge(text, parsed.json, MAX_DEPTH);
  await nextTurn();
  return judged;
}

function tooMuch(excess: string): ParsedJson {
  return { kind: 'fault', reason: 'size', message: `This JSON holds ${excess}. Send less at a time.` };
}

/**
 * `JSON.parse` that returns its faults: nesting too deep for recursive code and numbers that cannot be kept exactly are
 * faults too.
 */
export function parseJson(text: string, { maxDepth = MAX_DEPTH }: { readonly maxDepth?: number } = {}): ParsedJson {
  const parsed = parseSyntax(text);
  return parsed.kind === 'fault' ? parsed : judge(text, parsed.json, maxDepth);
}

function parseSyntax(text: string): ParsedJson {
  try {
    return { kind: 'json', json: JSON.parse(text) as Json };
  } catch (thrown) {
    return { kind: 'fault', reason: 'syntax', message: 'This is not valid JSON.', detail: errorMessage(thrown) };
  }
}

/** Whether a text that is JSON may be taken. */
function judge(text: string, json: Json, maxDepth: number): ParsedJson {
  // A value of depth n takes at least 2n characters, so short bodies, the common case, need no walk.
  if (text.length > 2 * maxDepth && isTextDeeperThan(text, maxDepth)) {
    return { kind: 'fault', reason: 'depth', message: `This JSON is nested more than ${maxDepth} levels deep.` };
  }
  const lossy = mayHoldLossyNumber(text) ? findLossyNumber(text) : null;
  if (lossy === null) return { kind: 'json', json };
  return { kind: 'fault', reason: 'number', message: describeLossy(lossy), path: lossy.path, nearly: json };
}

/** What `parseJson` says of a text with a number that cannot be kept, and null of all others: most are not parsed. */
export function findInexact(text: string): LossyJson | null {
  if (!mayHoldLossyNumber(text)) return null;
  const parsed = parseJson(text, { maxDepth: Number.POSITIVE_INFINITY });
  return parsed.kind === 'fault' && parsed.reason === 'number' ? parsed : null;
}

interface LossyNumber {
  /** JSON pointer. */
  readonly path: string;
  readonly literal: string;
}

/**
 * Whole numbers of up to 15 digits, and exponents of up to two, are always kept. Each run of digits is looked at once.
 */
const SUSPECT = /[:,[\s]-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})/;

/** Most texts are let through by this alone. */
function mayHoldLossyNumber(text: string): boolean {
  return SUSPECT.test(text) || /^[-\d]/.test(text);
}

/**
 * Whether a whole number comes back as another one, in its digits and in its value, or a number is beyond all 64-bit
 * floats. What is written with a fraction or an exponent is a float by what its writer chose, and is rounded as
 * everywhere.
 */
export function isLossyNumber(literal: string): boolean {
  const value = Number(literal);
  if (Number.isSafeInteger(value)) return false;
  if (!Number.isFinite(value)) return true;
  return /^-?\d+$/.test(literal) && String(value) !== literal && BigInt(value) !== BigInt(literal);
}

function describeLossy({ path, literal }: LossyNumber): string {
  const shown = literal.length <= 40 ? literal : `${literal.slice(0, 30)}… (${literal.length} characters)`;
  const place = path === '' ? '/' : path.length <= 200 ? path : `${path.slice(0, 200)}…`;
  return `The number ${shown} at ${place} cannot be kept exactly: write it as a text, in quotes.`;
}

const [QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether lists and objects of a text that is JSON are nested deeper. Faster than a walk through objects of many names.
 */
function isTextDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

/** The first lossy number of a text that is JSON. */
function findLossyNumber(text: string): LossyNumber | null {
  const place = new Place();
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '"') {
      const end = endOfString(text, at);
      place.string(text, at, end);
      at = end;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const literal = numberAt(text, at);
      if (literal.length > 4 && isLossyNumber(literal)) return { path: place.pointer(), literal };
      at += literal.length;
    } else {
      place.punctuation(char);
      at += 1;
    }
  }
  return null;
}

function numberAt(text: string, start: number): string {
  const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  number.lastIndex = start;
  return number.exec(text)?.[0] ?? '';
}

/** The position of a reader that goes through a JSON text from its start. */
class Place {
  /** The path to the place: an index for each list, the JSON text of a key for each object. */
  readonly #path: (number | string)[] = [];
  #beforeKey = false;

  string(text: string, start: number, end: number): void {
    if (this.#beforeKey) this.#path[this.#path.length - 1] = text.slice(start, end);
    this.#beforeKey = false;
  }

  punctuation(char: string): void {
    if (char === '{') {
      this.#path.push('""');
      this.#beforeKey = true;
    } else if (char === '[') {
      this.#path.push(0);
    } else if (char === '}' || char === ']') {
      this.#path.pop();
      this.#beforeKey = false;
    } else if (char === ',') {
      const last = this.#path.at(-1);
      if (typeof last === 'number') this.#path[this.#path.length - 1] = last + 1;
      else this.#beforeKey = true;
    }
  }

  pointer(): string {
    return this.#path
      .map((step) => (typeof step === 'number' ? String(step) : (JSON.parse(step) as string)))
      .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('');
  }
}
