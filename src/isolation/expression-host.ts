/**
 * A process that evaluates expressions and checks values, one after the other. It is ended from outside when something takes too long, and V8 ends it when its
 * memory runs out.
 */
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { countValues, type Json, type JsonSchema } from '../core/json.js';
import type { Problem } from '../core/errors.js';
import type { Chance } from '../core/ports/isolation.js';
import { PAYLOAD_LIMITS } from '../core/text/payload-limits.js';
import { compileDefaults } from '../workflow/plan/fill-defaults.js';
import { compileSchema } from '../workflow/plan/schema.js';
import { compileJsonata, type CompiledJsonata } from '../workflow/template/jsonata.js';

export type HostRequest =
  | {
      readonly kind: 'evaluate';
      readonly source: string;
      readonly scope: string;
      readonly timeMs: number;
      readonly chance: Chance | undefined;
    }
  | { readonly kind: 'check' | 'fill'; readonly schema: string; readonly value: string };

/** Sent before an answer whose text is long: what it begins with. To receive much at once takes long. */
export interface HostPart {
  readonly status: 'part';
  readonly isFirst: boolean;
  readonly text: string;
}

/** `text`: JSON; undefined where the expression finds nothing. What parts have told is left out. */
export type HostAnswer =
  | { readonly status: 'ok'; readonly text: string | undefined }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'checked'; readonly problems: readonly Problem[] };

/** So many expressions and schemas are kept compiled. */
const MOST_KEPT = 500;
const expressions = new Map<string, CompiledJsonata>();
const schemas = new Map<string, JsonSchema>();
const fillers = new Map<string, (value: Json) => Json>();

function remember<Value>(kept: Map<string, Value>, key: string, make: () => Value): Value {
  const value = kept.get(key) ?? make();
  // The newest last; the oldest is dropped.
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return value;
}

async function evaluate({ source, scope, timeMs, chance }: HostRequest & { kind: 'evaluate' }): Promise<HostAnswer> {
  const compiled = remember(expressions, `${timeMs} ${source}`, () => compileJsonata(source, timeMs));
  const outcome = await compiled.evaluate(JSON.parse(scope), chance);
  if (outcome.status === 'failed') return outcome;
  if (outcome.value === undefined) return { status: 'ok', text: undefined };
  if (countValues(outcome.value, MAX_VALUES) > MAX_VALUES) {
    return {
      status: 'failed',
      message: `its value holds more than ${MAX_VALUES} values, each in a list or an object, and each 100 characters of text, being one`,
    };
  }
  const text = JSON.stringify(outcome.value);
  if (text.length <= PAYLOAD_LIMITS.output) return { status: 'ok', text };
  const message = `its value is ${text.length} characters of JSON; at most ${PAYLOAD_LIMITS.output} are taken`;
  return { status: 'failed', message };
}

/** What the server can read in one turn of its event loop. A map's 100,000 items may be objects of three values. */
const MAX_VALUES = 400_000;

function fill({ schema, value }: HostRequest & { kind: 'fill' }): HostAnswer {
  const filler = remember(fillers, schema, () => compileDefaults(JSON.parse(schema) as JsonSchema));
  return { status: 'ok', text: JSON.stringify(filler(JSON.parse(value) as Json)) };
}

function check({ schema, value }: HostRequest & { kind: 'check' }): HostAnswer {
  const compiled = compileSchema(remember(schemas, schema, () => JSON.parse(schema) as JsonSchema));
  const problems = compiled.status === 'ok' ? compiled.check(JSON.parse(value) as Json) : compiled.faults;
  return { status: 'checked', problems };
}

async function answer(request: HostRequest): Promise<HostAnswer> {
  try {
    switch (request.kind) {
      case 'evaluate':
        return await evaluate(request);
      case 'check':
        return check({ ...request, kind: 'check' });
      case 'fill':
        return fill({ ...request, kind: 'fill' });
    }
  } catch (thrown) {
    return { status: 'failed', message: thrown instanceof Error ? thrown.message : 'unknown error' };
  }
}

/** In characters. */
const LONGEST_PART = 256 * 1024;

function send(message: HostAnswer): void {
  if (message.status !== 'ok' || message.text === undefined) {
    process.send?.(message);
    return;
  }
  const { text } = message;
  let sent = 0;
  for (; text.length - sent > LONGEST_PART; sent += LONGEST_PART) {
    const part: HostPart = { status: 'part', isFirst: sent === 0, text: text.slice(sent, sent + LONGEST_PART) };
    process.send?.(part);
  }
  const last: HostAnswer = { status: 'ok', text: text.slice(sent) };
  process.send?.(last);
}

/** In the midst of one long operation this process does not see that its parent is gone. This thread does. */
const WATCH = `const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;

function begin(): void {
  try {
    // Where memory runs out for the machine, this process goes first.
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux.
  }
  new Worker(WATCH, { eval: true, env: {}, execArgv: [], stdout: true, stderr: true }).unref();
  // A terminal sends these to the whole group of processes; the parent says when it is over.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: HostRequest) => {
    void answer(request).then(send);
  });
  process.send?.('ready');
}

begin();
