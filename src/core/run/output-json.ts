import type { Json } from '../json.js';
import { noteJsonLength } from '../json-length.js';
import { findKnownJson, noteJson } from '../large-json/known-json.js';
import { parseInTurns } from '../large-json/parse-in-turns.js';
import { isAgent } from './node-execution.js';
import { sumUsage, type Run, type RunListItem } from './run.js';

/** The JSON of the run's output; null where it has none. What a store has kept is not read for it. */
export function outputJson(run: Run): string | null {
  const known = findKnownJson(run);
  if (known !== undefined) return known;
  return run.output === undefined ? null : JSON.stringify(run.output);
}

export function hasOutput(run: Run): boolean {
  return findKnownJson(run) !== undefined || run.output !== undefined;
}

/** The run with an output whose JSON is at hand: it is read when somebody looks at it. */
export function withOutputJson(run: Run, json: string): Run {
  let output: Json | undefined;
  const whole: Run = Object.defineProperty({ ...run }, 'output', {
    get: () => (output ??= parsed.get(whole) ?? (JSON.parse(json) as Json)),
    enumerable: true,
  });
  noteJson(whole, json);
  return whole;
}

/** Outputs that were parsed before somebody looked at them, by their runs. */
const parsed = new WeakMap<Run, Json>();
/** Characters of JSON, which are parsed within a turn of the event loop. */
const LONG = 64 * 1024;

/** For whoever is about to look at a run's output: a long one is parsed over as many turns of the event loop as it takes. */
export async function parseOutput(run: Run): Promise<void> {
  const json = findKnownJson(run);
  const isUnread = Object.getOwnPropertyDescriptor(run, 'output')?.get !== undefined;
  if (json === undefined || json.length <= LONG || !isUnread || parsed.has(run)) return;
  const output = await parseInTurns(json);
  if (typeof output === 'object' && output !== null) noteJsonLength(output, json.length);
  parsed.set(run, output);
}

/** All else of a run. To spread it would look at its output. */
export function withoutOutput(run: Run): Omit<Run, 'output'> {
  const names = Object.keys(run).filter((name) => name !== 'output') as (keyof Run)[];
  return Object.fromEntries(names.map((name) => [name, run[name]])) as unknown as Omit<Run, 'output'>;
}

export function listItemOf(run: Run): RunListItem {
  const { nodes, ...fields } = withoutOutput(run);
  return { ...fields, agentCount: nodes.filter(isAgent).length, usage: sumUsage(run) };
}
