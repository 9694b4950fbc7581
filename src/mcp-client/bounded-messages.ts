import { deserializeMessage, type JSONRPCMessage, ReadBuffer } from '@modelcontextprotocol/client';
import { nextTurn } from '../core/event-loop.js';
import { isJsonObject, type Json } from '../core/json.js';
import { endOfString, findExcess } from '../core/text/json-bounds.js';
import { findInexact } from '../core/text/parse-json.js';

/** Of a message, in characters. Of the result of a tool 1,048,576 are taken. */
const MAX_LENGTH = 1_250_000;

/** In the place of an answer that is not taken. Of the codes that JSON-RPC leaves to implementations. */
export const UNFIT_ANSWER = {
  /** It has numbers that the client would round. */
  inexact: -32_098,
  /** It holds more than is let in. */
  excessive: -32_097,
} as const;

/**
 * The client reads messages with `JSON.parse`, whatever they hold. An answer with a number that would come out as
 * another one, or with more in it than is read within milliseconds, becomes an error that says so. Null for a message
 * that cannot be taken and is no answer.
 */
export function boundMessage(text: string): string | null {
  const excess = text.length > MAX_LENGTH ? `more than ${MAX_LENGTH} characters` : findExcess(text);
  if (excess !== null) {
    const id = answeredId(text);
    return id === null ? null : refusal(id, 'excessive', `its JSON holds ${excess}`);
  }
  const inexact = findInexact(text);
  if (inexact === null || !isJsonObject(inexact.nearly)) return text;
  const { id, method } = inexact.nearly;
  if (id === undefined || method !== undefined) return text;
  return refusal(id, 'inexact', inexact.message);
}

function refusal(id: Json, why: keyof typeof UNFIT_ANSWER, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: UNFIT_ANSWER[why], message } });
}

const [QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5b, 0x5d, 0x7b, 0x7d];
const ID = /\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,16})\s*[,}]/y;
const METHOD = /\s*:/y;

/** The id of a text that is an answer, as its JSON says; null for all others. Read without parsing the rest. */
function answeredId(text: string): Json {
  let depth = 0;
  let id: Json = null;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && isNamed(text, at, end, '"method"', METHOD)) return null;
      if (depth === 1 && isNamed(text, at, end, '"id"', ID)) id = JSON.parse(ID.exec(text)?.[1] ?? 'null') as Json;
      at = end - 1;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return id;
}

/** Whether a string is this name of a property, followed as the pattern says, which is left at its end. */
function isNamed(text: string, start: number, end: number, name: string, followed: RegExp): boolean {
  if (end - start !== name.length || !text.startsWith(name, start)) return false;
  followed.lastIndex = end;
  const isFollowed = followed.test(text);
  followed.lastIndex = end;
  return isFollowed;
}

const LINE_FEED = 0x0a;
/** Node's `TextEncoderStream` takes a thousand times as long: it looks at each character by itself. */
const ENCODER = new TextEncoder();

/** Messages from the lines of a program, read as `boundMessage` says. */
export class BoundedReadBuffer extends ReadBuffer {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #size = 0;
  readonly #lines: string[] = [];

  constructor({ maxBufferSize }: { readonly maxBufferSize: number }) {
    super({ maxBufferSize });
    this.#most = maxBufferSize;
  }

  override append(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      this.#add(chunk.subarray(from, end));
      this.#lines.push(Buffer.concat(this.#chunks).toString('utf8'));
      this.#chunks = [];
      this.#size = 0;
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
  }

  /** What is no JSON is passed over: programs write all sorts of things. */
  override readMessage(): JSONRPCMessage | null {
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      try {
        const message = boundMessage(line);
        if (message !== null) return deserializeMessage(message);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    return null;
  }

  override clear(): void {
    this.#chunks = [];
    this.#size = 0;
    this.#lines.length = 0;
  }

  #add(part: Buffer): void {
    if (part.length === 0) return;
    this.#size += part.length;
    if (this.#size > this.#most) {
      this.clear();
      throw new Error(`the program sent a message of more than ${this.#most} bytes`);
    }
    this.#chunks.push(part);
  }
}

/** The response with its messages read as `boundMessage` says: all of it is one, or each event of a stream. */
export function boundBody(response: Response): Response {
  const { body, status, statusText, headers } = response;
  const type = headers.get('content-type') ?? '';
  const isStream = type.startsWith('text/event-stream');
  if (body === null || !(isStream || type.startsWith('application/json'))) return response;
  const changed = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TransformStream(isStream ? new EventLines() : new WholeText()));
  const copy = new Response(changed, { status, statusText, headers });
  // What a response is made with does not tell where it came from.
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}

class WholeText {
  readonly #parts: string[] = [];

  transform(chunk: string): void {
    this.#parts.push(chunk);
  }

  async flush(controller: TransformStreamDefaultController<Uint8Array>): Promise<void> {
    const message = boundMessage(this.#parts.join(''));
    // The client parses it in a turn of its own.
    await nextTurn();
    controller.enqueue(ENCODER.encode(message ?? 'null'));
  }
}

const DATA = /^data: ?/;

/**
 * Passes the lines of events on as they are, except for their data, which is joined and goes before the empty line that
 * ends the event.
 */
class EventLines {
  /** What has come of a line that has not ended yet. */
  #rest: string[] = [];
  #data: string[] = [];

  transform(chunk: string, controller: TransformStreamDefaultController<Uint8Array>): void {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = this.#rest.join('') + (lines[0] ?? '');
      this.#rest = [];
    }
    this.#rest.push(last);
    for (const line of lines) this.#pass(line.endsWith('\r') ? line.slice(0, -1) : line, controller);
  }

  flush(controller: TransformStreamDefaultController<Uint8Array>): void {
    controller.enqueue(ENCODER.encode(this.#rest.join('')));
  }

  #pass(line: string, controller: TransformStreamDefaultController<Uint8Array>): void {
    if (DATA.test(line)) {
      this.#data.push(line.replace(DATA, ''));
      return;
    }
    if (line === '' && this.#data.length > 0) {
      const message = boundMessage(this.#data.join('\n'));
      this.#data = [];
      if (message !== null) controller.enqueue(ENCODER.encode(toData(message)));
    }
    controller.enqueue(ENCODER.encode(`${line}\n`));
  }
}

function toData(message: string): string {
  return message
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('');
}
