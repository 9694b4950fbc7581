import type { Json } from '../json.js';
import { findKnownJson, noteJson } from '../large-json/known-json.js';
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
    get: () => (output ??= JSON.parse(json) as Json),
    enumerable: true,
  });
  noteJson(whole, json);
  return whole;
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
