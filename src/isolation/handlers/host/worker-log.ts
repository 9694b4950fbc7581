import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { Logger } from '../../../core/ports/logger.js';
import { errorMessage } from '../../../core/errors.js';
import type { FromWorker, LogLevel } from '../wire/messages.js';
import type { Outbox } from '../wire/outbox.js';
import { currentScope, type CallScope } from './vital-signs.js';

/** In characters; the rest of a line, or of its fields, is cut. */
const MAX_LINE = 10_000;
/** More are counted, and left out. */
const MAX_LINES_PER_SECOND = 1_000;

/** The lines that handlers log and print, for the server's log. */
export class WorkerLog {
  readonly #outbox: Outbox<FromWorker>;
  #second = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(outbox: Outbox<FromWorker>) {
    this.#outbox = outbox;
  }

  loggerOf(scope: CallScope): Logger {
    const at =
      (level: LogLevel) =>
      (fields: object, message: string): void =>
        this.write(scope, level, packFields(fields), message);
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  write(scope: CallScope | null, level: LogLevel, fields: JsonObject, message: unknown): void {
    if (!this.#mayWrite()) return;
    const { call = 0, place = null, ended = true } = scope ?? {};
    const text = typeof message === 'string' ? message : ((JSON.stringify(message) as string | undefined) ?? '');
    const line = text.slice(0, MAX_LINE);
    this.#outbox.post({ kind: 'log', call, place: ended ? place : null, level, fields, message: line });
  }

  #mayWrite(): boolean {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#second) {
      const leftOut = this.#leftOut;
      this.#second = second;
      this.#lines = 0;
      this.#leftOut = 0;
      if (leftOut > 0) this.write(null, 'warn', { lines: leftOut }, 'A worker logged too much; lines were left out');
    }
    this.#lines += 1;
    if (this.#lines <= MAX_LINES_PER_SECOND) return true;
    this.#leftOut += 1;
    return false;
  }
}

function packFields(fields: object): JsonObject {
  try {
    const text = JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? tellError(value) : value));
    const packed = (text === undefined || text.length > MAX_LINE ? null : JSON.parse(text)) as Json;
    return isJsonObject(packed) ? packed : { cut: (text ?? '').slice(0, MAX_LINE) };
  } catch (error) {
    return { unreadable: errorMessage(error) };
  }
}

function tellError({ name, message, stack = '' }: Error): Json {
  return { type: name, message, stack };
}

/** What is printed goes to the log, line by line: whose it is would otherwise not be known. Gives what writes the line that a call has not ended. */
export function captureOutput(log: WorkerLog): (scope: CallScope) => void {
  const flushes = [capture(process.stdout, log), capture(process.stderr, log)];
  return (scope) => {
    for (const flush of flushes) flush(scope);
  };
}

type Done = (error?: Error | null) => void;

function capture(stream: NodeJS.WriteStream, log: WorkerLog): (scope: CallScope) => void {
  const begun = new WeakMap<CallScope, string>();
  const stray: CallScope = { call: 0, place: null, ended: true, asked: 0 };
  const print = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const scope = currentScope() ?? stray;
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const lines = ((begun.get(scope) ?? '') + text).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') log.write(scope, 'warn', {}, line);
    // A line that has no end is not kept for ever.
    if (rest.length > MAX_LINE) log.write(scope, 'warn', {}, rest);
    begun.set(scope, rest.length > MAX_LINE ? '' : rest);
    const told = typeof encoding === 'function' ? encoding : done;
    if (told !== undefined) process.nextTick(told);
    return true;
  };
  stream.write = print;
  return (scope) => {
    const rest = begun.get(scope) ?? '';
    if (rest !== '') log.write(scope, 'warn', {}, rest);
    begun.delete(scope);
  };
}
