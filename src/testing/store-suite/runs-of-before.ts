import type { JsonObject } from '../../core/json.js';

const usage = (calls: number): JsonObject => ({
  calls,
  inputTokens: 10,
  cachedInputTokens: 4,
  outputTokens: 2,
  costMicros: 300,
  unpricedCalls: 1,
});
const SUM = { calls: 3, inputTokens: 20, cachedInputTokens: 8, outputTokens: 4, costMicros: 600, unpricedCalls: 2 };
const USED = [
  { id: 'a', usage: usage(1) },
  { id: 'b', message: 'half \ud83d, \0 and \\u0000' },
  { id: 'c', usage: usage(2) },
];
const SAYS = [{ id: 'a', message: 'It said "usage":{} and \0.', findings: { usage: {} } }];

/** Rows as they were before they held what models had used for them, and their outcomes as they are since. */
export const RUNS_OF_BEFORE: readonly {
  readonly id: string;
  readonly nodes: readonly JsonObject[];
  readonly before: JsonObject | null;
  readonly since: JsonObject | null;
}[] = [
  { id: 'both', nodes: USED, before: { summary: 'a "}" \0' }, since: { summary: 'a "}" \0', usage: SUM } },
  { id: 'used', nodes: USED, before: null, since: { usage: SUM } },
  { id: 'not', nodes: [{ id: 'a' }], before: { summary: null }, since: { summary: null } },
  { id: 'says', nodes: SAYS, before: null, since: null },
];

export const INSERT_BEFORE = `
  INSERT INTO runs (id, organization_id, workflow_id, workflow_version, workflow_name, status, version,
    credits_reserved, credits_consumed, agent_count, created_at, outcome, nodes)
  VALUES ($1, 'o', 'w', 1, 'W', 'completed', 1, 0, 0, 0, 1, $2, $3)`;

/** The values of `INSERT_BEFORE`. */
export function valuesBefore({ id, nodes, before }: (typeof RUNS_OF_BEFORE)[number]): [string, string | null, string] {
  return [id, before === null ? null : JSON.stringify(before), JSON.stringify(nodes)];
}

/** What rows of runs hold as their outcomes, by id. */
export function outcomesOf(rows: readonly { readonly id: string; readonly outcome: string | null }[]): unknown {
  return Object.fromEntries(
    rows.map(({ id, outcome }) => [id, outcome === null ? null : (JSON.parse(outcome) as JsonObject)]),
  );
}

export const OUTCOMES_SINCE: unknown = Object.fromEntries(RUNS_OF_BEFORE.map(({ id, since }) => [id, since]));
