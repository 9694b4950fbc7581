import { deserializeMessage, type JSONRPCMessage, ReadBuffer } from '@modelcontextprotocol/client';
import { isJsonObject } from '../core/json.js';
import { parseJson } from '../core/text/parse-json.js';

/**
 * In the place of an answer with numbers that the client would round. Of those that JSON-RPC leaves to implementations.
 */
export const INEXACT_ANSWER = -32_098;

/**
 * The client reads messages with `JSON.parse`. An answer with a number that would come out as another one becomes an
 * error that says so.
 */
export function refuseInexact(text: string): string {
  const parsed = parseJson(text, { maxDepth: Number.POSITIVE_INFINITY });
  if (parsed.kind === 'json' || parsed.reason !== 'number' || !isJsonObject(parsed.nearly)) return text;
  const { id, method } = parsed.nearly;
  if (id === undefined || method !== undefined) return text;
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: INEXACT_ANSWER, message: parsed.message } });
}

const LINE_FEED = 0x0a;

/** Messages from the lines of a program, read as `refuseInexact` says. */
export class ExactReadBuffer extends ReadBuffer {
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
        return deserializeMessage(refuseInexact(line));
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

/** The response with its messages read as `refuseInexact` says: all of it is one, or each event of a stream. */
export function refuseInexactBody(response: Response): Response {
  const { body, status, statusText, headers } = response;
  const type = headers.get('content-type') ?? '';
  const isStream = type.startsWith('text/event-stream');
  if (body === null || !(isStream || type.startsWith('application/json'))) return response;
  const changed = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TransformStream(isStream ? new EventLines() : new WholeText()))
    .pipeThrough(new TextEncoderStream());
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

  flush(controller: TransformStreamDefaultController<string>): void {
    controller.enqueue(refuseInexact(this.#parts.join('')));
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

  transform(chunk: string, controller: TransformStreamDefaultController<string>): void {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = this.#rest.join('') + (lines[0] ?? '');
      this.#rest = [];
    }
    this.#rest.push(last);
    for (const line of lines) this.#pass(line.endsWith('\r') ? line.slice(0, -1) : line, controller);
  }

  flush(controller: TransformStreamDefaultController<string>): void {
    controller.enqueue(this.#rest.join(''));
  }

  #pass(line: string, controller: TransformStreamDefaultController<string>): void {
    if (DATA.test(line)) {
      this.#data.push(line.replace(DATA, ''));
      return;
    }
    if (line === '' && this.#data.length > 0) {
      const data = refuseInexact(this.#data.join('\n'));
      this.#data = [];
      controller.enqueue(
        data
          .split('\n')
          .map((each) => `data: ${each}\n`)
          .join(''),
      );
    }
    controller.enqueue(`${line}\n`);
  }
}
