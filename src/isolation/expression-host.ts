/**
 * A process that evaluates expressions and checks values, one after the other. It is ended from outside when something
 * takes too long, and V8 ends it when its memory runs out.
 */
import { Worker } from 'node:worker_threads';
import { countValues, type Json, type JsonSchema } from '../core/json.js';
import type { Problem } from '../core/errors.js';
import { type JsonPiece, piecesOf } from '../core/large-json/json-pieces.js';
import type { Chance, JsonReading, SourcePath, SourceReading } from '../core/ports/isolation.js';
import { parseJson } from '../core/text/parse-json.js';
import { PAYLOAD_LIMITS } from '../core/text/payload-limits.js';
import { compileDefaults } from '../workflow/schema/fill-defaults.js';
import { compileSchema } from '../workflow/schema/schema.js';
import { parseSource } from '../workflow/parse-source.js';
import { compileJsonata, type CompiledJsonata } from '../workflow/template/jsonata.js';
import { beginChild } from './begin-child.js';

/** What is to be done with a text: the JSON of a scope or a value, or what is to be read. */
export type HostRequest =
  | {
      readonly kind: 'evaluate';
      readonly source: string;
      readonly timeMs: number;
      readonly chance: Chance | undefined;
    }
  | { readonly kind: 'check' | 'fill'; readonly schema: string }
  | { readonly kind: 'parse'; readonly maxDepth: number }
  | { readonly kind: 'source'; readonly format: 'yaml' | 'json'; readonly maxLength: number | undefined }
  | { readonly kind: 'locate'; readonly format: 'yaml' | 'json'; readonly paths: readonly SourcePath[] };

/** A piece of the text, or a request with the last: to send much at once takes long. */
export type HostMessage = { readonly piece: string } | { readonly request: HostRequest; readonly piece: string };

/** Sent before an answer whose value is large: the first pieces of it. To receive much at once takes long. */
export interface HostPart {
  readonly status: 'part';
  readonly isFirst: boolean;
  readonly pieces: readonly JsonPiece[];
}

/** `pieces`: of the value; undefined where the expression finds nothing. What parts have told is left out. */
export type HostAnswer =
  | { readonly status: 'ok'; readonly pieces: readonly JsonPiece[] | undefined }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'checked'; readonly problems: readonly Problem[] }
  | { readonly status: 'faulty'; readonly faults: SourceReading['faults'] }
  | { readonly status: 'unread'; readonly reason: JsonFault['reason']; readonly message: string };

type JsonFault = Extract<JsonReading, { readonly kind: 'fault' }>;

/** So many expressions and schemas are kept compiled. */
const MAX_KEPT = 500;
const expressions = new Map<string, CompiledJsonata>();
const schemas = new Map<string, JsonSchema>();
const fillers = new Map<string, (value: Json) => Json>();

function remember<Value>(kept: Map<string, Value>, key: string, make: () => Value): Value {
  const value = kept.get(key) ?? make();
  // The newest last; the oldest is dropped.
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  return value;
}

/** What a request comes to. `value` is undefined where an expression finds nothing. */
type Outcome =
  { readonly status: 'value'; readonly value: Json | undefined } | Exclude<HostAnswer, { readonly status: 'ok' }>;

async function evaluate(
  { source, timeMs, chance }: HostRequest & { kind: 'evaluate' },
  scope: string,
): Promise<Outcome> {
  const compiled = remember(expressions, `${timeMs} ${source}`, () => compileJsonata(source, timeMs));
  const outcome = await compiled.evaluate(JSON.parse(scope), chance);
  if (outcome.status === 'failed') return outcome;
  if (outcome.value === undefined) return { status: 'value', value: undefined };
  if (countValues(outcome.value, MAX_VALUES) > MAX_VALUES) {
    return {
      status: 'failed',
      message: `its value holds more than ${MAX_VALUES} values, each in a list or an object, and each 100 characters of text, being one`,
    };
  }
  const { length } = JSON.stringify(outcome.value);
  if (length <= PAYLOAD_LIMITS.output) return { status: 'value', value: outcome.value };
  const message = `its value is ${length} characters of JSON; at most ${PAYLOAD_LIMITS.output} are taken`;
  return { status: 'failed', message };
}

/**
 * What the server takes the time to read, and the memory to hold. A map's 100,000 items may be objects of three values.
 */
const MAX_VALUES = 400_000;

function fill({ schema }: HostRequest & { kind: 'fill' }, value: string): Outcome {
  const filler = remember(fillers, schema, () => compileDefaults(JSON.parse(schema) as JsonSchema));
  const filled = filler(JSON.parse(value) as Json);
  const { length } = JSON.stringify(filled);
  if (length <= PAYLOAD_LIMITS.input) return { status: 'value', value: filled };
  const message = `With the defaults of its schema, the input is ${length} characters of JSON; at most ${PAYLOAD_LIMITS.input} are taken.`;
  return { status: 'unread', reason: 'size', message };
}

function parse({ maxDepth }: HostRequest & { kind: 'parse' }, text: string): Outcome {
  const parsed = parseJson(text, { maxDepth });
  if (parsed.kind === 'json') return { status: 'value', value: parsed.json };
  return { status: 'unread', reason: parsed.reason, message: parsed.message };
}

/** A text can be made to have one in each character. */
const MAX_FAULTS = 1_000;

function readSource(request: HostRequest & { kind: 'source' }, text: string): Outcome {
  const { value, faults } = parseSource({ text, format: request.format });
  if (faults.length > 0) return { status: 'faulty', faults: faults.slice(0, MAX_FAULTS) };
  const { maxLength } = request;
  // A few lines can repeat others many times.
  if (maxLength !== undefined && value !== undefined && JSON.stringify(value).length > maxLength) {
    const message = `what it says has more than ${maxLength} characters of JSON`;
    return { status: 'faulty', faults: [{ message, line: 1, column: 1 }] };
  }
  return { status: 'value', value: value as Json | undefined };
}

function locate({ paths, format }: HostRequest & { kind: 'locate' }, text: string): Outcome {
  const parsed = parseSource({ text, format });
  return { status: 'value', value: paths.map((path) => ({ ...parsed.locate(path) })) };
}

function check({ schema }: HostRequest & { kind: 'check' }, value: string): Outcome {
  const compiled = compileSchema(remember(schemas, schema, () => JSON.parse(schema) as JsonSchema));
  const problems = compiled.status === 'ok' ? compiled.check(JSON.parse(value) as Json) : compiled.faults;
  return { status: 'checked', problems };
}

async function answer(request: HostRequest, text: string): Promise<Outcome> {
  try {
    switch (request.kind) {
      case 'evaluate':
        return await evaluate(request, text);
      case 'check':
        return check({ ...request, kind: 'check' }, text);
      case 'parse':
        return parse(request, text);
      case 'source':
        return readSource(request, text);
      case 'locate':
        return locate(request, text);
      case 'fill':
        return fill({ ...request, kind: 'fill' }, text);
    }
  } catch (thrown) {
    return { status: 'failed', message: thrown instanceof Error ? thrown.message : 'unknown error' };
  }
}

/** What is sent at once, in characters. */
const MAX_PART = 256 * 1024;

function send(outcome: Outcome): void {
  if (outcome.status === 'value') sendValue(outcome.value);
  else process.send?.(outcome);
}

function sendValue(value: Json | undefined): void {
  let pieces: JsonPiece[] = [];
  let length = 0;
  let isFirst = true;
  for (const piece of value === undefined ? [] : piecesOf(value)) {
    if (length > MAX_PART) {
      const part: HostPart = { status: 'part', isFirst, pieces };
      process.send?.(part);
      isFirst = false;
      pieces = [];
      length = 0;
    }
    pieces.push(piece);
    length += lengthOf(piece);
  }
  const last: HostAnswer = { status: 'ok', pieces: value === undefined ? undefined : pieces };
  process.send?.(last);
}

function lengthOf(piece: JsonPiece): number {
  if (piece.kind === 'text') return piece.text.length;
  return 'json' in piece ? piece.json.length : 1;
}

/** In the midst of one long operation this process does not see that its parent is gone. This thread does. */
const WATCH = `const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;

function begin(): void {
  beginChild();
  new Worker(WATCH, { eval: true, env: {}, execArgv: [], stdout: true, stderr: true }).unref();
  process.on('disconnect', () => process.exit(0));
  let pieces: string[] = [];
  process.on('message', (message: HostMessage) => {
    pieces.push(message.piece);
    if (!('request' in message)) return;
    const text = pieces.join('');
    pieces = [];
    void answer(message.request, text).then(send);
  });
  process.send?.('ready');
}

begin();
