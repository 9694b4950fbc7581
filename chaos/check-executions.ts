import type { Json } from '../src/core/json.js';
import type { Evidence } from './check.js';
import type { Execution } from './journal.js';
import type { RunRecord } from './records.js';
import type { Verdict } from './verdict.js';
import { groupBy } from './group-by.js';
import { FLOWS } from './workload.js';

/** After which moment no execution may begin: from the outside, the node had ended by then, or what depends on it had begun. */
class Closings {
  readonly #at = new Map<string, { at: number; why: string }>();

  /** The earliest counts. */
  close(place: string, at: number, why: string): void {
    const earlier = this.#at.get(place);
    if (earlier === undefined || at < earlier.at) this.#at.set(place, { at, why });
  }

  of(place: string): { at: number; why: string } | undefined {
    return this.#at.get(place);
  }
}

const ENDED = new Set(['completed', 'failed', 'skipped', 'cancelled']);

export function checkExecutions(verdict: Verdict, evidence: Evidence): void {
  const { executions, records } = evidence;
  const closings = findClosings(evidence);
  const starts = executions.filter((line) => line.what === 'start');
  for (const start of starts) {
    const place = `${start.run} ${start.node}`;
    const late = [closings.of(place), closings.of(`${place} ${start.item}`)].find(
      (closing) => closing !== undefined && start.at > closing.at,
    );
    verdict.hold(
      'executions began before their node was known to have ended',
      late === undefined,
      () => `${place} ${start.item ?? ''} began at ${start.at}, ${late?.why} at ${late?.at}`,
    );
    verdict.hold('executions are of runs that are there', records.runs.has(start.run), () => `${start.run} is lost`);
  }
  checkKeys(verdict, starts);
  for (const [run, own] of groupBy(executions, (line) => line.run)) {
    const record = records.runs.get(run);
    if (record !== undefined) checkOutcomes(verdict, record, own);
  }
}

function findClosings({ told, executions, records }: Evidence): Closings {
  const closings = new Closings();
  const closeBefore = (run: string, node: string, at: number, why: string): void => {
    const flow = FLOWS[records.runs.get(run)?.record.workflow_id ?? ''];
    for (const earlier of flow?.after[node] ?? []) closings.close(`${run} ${earlier}`, at, why);
  };
  for (const entry of told) {
    if (entry.what === 'seen') {
      for (const node of entry.nodes) {
        if (entry.terminal || ENDED.has(node.status))
          closings.close(`${entry.run} ${node.id}`, entry.at, 'it was seen to have ended');
        if (['running', 'waiting', 'completed'].includes(node.status))
          closeBefore(entry.run, node.id, entry.at, `${node.id} was seen to have begun`);
      }
    } else if (entry.what === 'items') {
      for (const item of entry.ended)
        closings.close(`${entry.run} ${entry.node} ${item}`, entry.at, 'it was seen to have ended');
    }
  }
  for (const line of executions)
    if (line.what === 'start') closeBefore(line.run, line.node, line.at, `${line.node} began`);
  return closings;
}

function checkKeys(verdict: Verdict, starts: readonly Execution[]): void {
  const places = new Map<string, { key: string; attempt: number }>();
  const owners = new Map<string, string>();
  for (const { run, node, item, key, attempt } of starts) {
    const place = `${run} ${node} ${item ?? ''}`;
    const before = places.get(place);
    places.set(place, { key, attempt });
    if (before !== undefined)
      verdict.hold(
        'repeated executions had the same idempotency key, and no earlier attempt',
        before.key === key && (item !== null || before.attempt <= attempt),
        () => `${place}: attempt ${before.attempt} with ${before.key}, then attempt ${attempt} with ${key}`,
      );
    const owner = owners.get(key) ?? place;
    owners.set(key, owner);
    if (owner !== place) verdict.hold('idempotency keys are of one node', false, () => `${key}: ${owner} and ${place}`);
  }
  for (const _ of owners) verdict.hold('idempotency keys are of one node', true, () => '');
}

/** That what was recorded was really done, and that whatever came after was given just that. */
function checkOutcomes(verdict: Verdict, { run, record, log }: RunRecord, executions: readonly Execution[]): void {
  const outputs = new Map<string, Json>();
  for (const { kind, node_id, data } of log) {
    if (kind !== 'node.completed' || node_id === null) continue;
    const ofWork = record.nodes.some((node) => node.id === node_id && (node.kind === 'code' || node.kind === 'map'));
    outputs.set(node_id, ofWork ? tokensOf(data['output'] ?? null) : (data['output'] ?? null));
  }
  const made = new Set(executions.filter((line) => line.what === 'end').map((line) => `${line.node} ${line.token}`));
  for (const node of record.nodes) {
    const output = outputs.get(node.id);
    if (output === undefined || (node.kind !== 'code' && node.kind !== 'map')) continue;
    for (const token of [output].flat())
      verdict.hold(
        'outcomes recorded were made by an execution',
        typeof token === 'string' && made.has(`${node.id} ${token}`),
        () => `${run} ${node.id} has ${JSON.stringify(token)}`,
      );
  }
  for (const line of executions) {
    if (line.what !== 'start') continue;
    for (const [need, given] of Object.entries((line.from ?? {}) as { [need: string]: Json })) {
      const output = outputs.get(need) ?? null;
      verdict.hold(
        'executions were given what is recorded',
        JSON.stringify(given) === JSON.stringify(output),
        () =>
          `${run} ${line.node} was given ${JSON.stringify(given)} of ${need}, recorded is ${JSON.stringify(output)}`,
      );
    }
  }
}

/** Of an execution's output, or of a list of them; items that failed have none. */
function tokensOf(output: Json): Json {
  if (Array.isArray(output)) return output.filter((item) => item !== null).map((item) => tokensOf(item));
  return (output as { readonly token?: Json } | null)?.token ?? null;
}
