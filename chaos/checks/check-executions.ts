import type { ApiRun } from '../../src/api/api-types.js';
import type { Json } from '../../src/core/json.js';
import type { Evidence } from './check.js';
import type { Execution } from '../journal.js';
import type { RunRecord } from '../records.js';
import type { Stretch, Stretches } from './stretches.js';
import type { Verdict } from './verdict.js';
import { groupBy } from './group-by.js';
import { rootOf } from '../../src/core/run/paths/node-path.js';
import { FLOWS } from '../load/workload.js';

/**
 * After which moment no execution may begin, until a retry takes its node up again: from the outside, the node had
 * ended by then, or what depends on it had begun.
 */
class Closings {
  readonly #at = new Map<string, { at: number; why: string }>();

  /** The earliest counts. */
  close(run: string, stretch: Stretch | undefined, name: string, closing: { at: number; why: string }): void {
    const place = `${run} ${stretch?.index} ${name}`;
    const earlier = this.#at.get(place);
    if (earlier === undefined || closing.at < earlier.at) this.#at.set(place, closing);
  }

  of(run: string, stretch: Stretch | undefined, name: string): { at: number; why: string } | undefined {
    return this.#at.get(`${run} ${stretch?.index} ${name}`);
  }
}

const ENDED = new Set(['completed', 'failed', 'skipped', 'cancelled']);
/**
 * A call that is on its way to its worker when its run is cancelled, or when its time is up, may begin there with its
 * signal aborted; so long it may be on its way, in microseconds.
 */
const ON_ITS_WAY = 2_000_000;

export function checkExecutions(verdict: Verdict, evidence: Evidence, stretches: Stretches): void {
  const { executions, records, overlap } = evidence;
  const closings = findClosings(evidence, stretches);
  const starts = executions.filter((line) => line.what === 'start').toSorted((a, b) => a.at - b.at);
  const byPlace = groupBy(starts, placeOf);
  const isRepeated = (start: Execution): boolean => (byPlace.get(placeOf(start))?.length ?? 0) > 1;
  for (const start of starts) {
    const place = `${start.run} ${start.node}`;
    const stretch = stretches.at(start.run, start.at);
    const [ofNode, ofItem, ofRoot] = [start.node, `${start.node} ${start.item}`, rootOf(start.node)];
    const late = [ofNode, ofItem, ofRoot]
      .map((name) => closings.of(start.run, stretch, name))
      .find((closing) => closing !== undefined && start.at > closing.at + (isRepeated(start) ? overlap : 0));
    verdict.hold(
      'executions began before their node was known to have ended',
      late === undefined,
      () => `${place} ${start.item ?? ''} began at ${start.at}, ${late?.why} at ${late?.at}`,
    );
    if (stretch !== undefined && stretch.standing.size > 0)
      verdict.hold(
        'nothing ran that stood at a retry, or was taken over',
        ![ofNode, ofItem, ofRoot].some((name) => stretch.standing.has(name)),
        () => `${place} ${start.item ?? ''} began at ${start.at}, after ${stretch.index} retries`,
      );
    verdict.hold('executions are of runs that are there', records.runs.has(start.run), () => `${start.run} is lost`);
  }
  checkKeys(verdict, { starts, stretches, overlap });
  for (const [run, own] of groupBy(executions, (line) => line.run)) {
    const record = records.runs.get(run);
    if (record !== undefined) checkOutcomes(verdict, { record, executions: own, stretches });
  }
}

function findClosings({ told, executions, records }: Evidence, stretches: Stretches): Closings {
  const closings = new Closings();
  const closeBefore = (
    run: string,
    stretch: Stretch | undefined,
    node: string,
    closing: { at: number; why: string },
  ): void => {
    const flow = FLOWS[records.runs.get(run)?.record.workflow_id ?? ''];
    // What a node of an item comes after is of the same item.
    const [number = ''] = /\[\d+\]/.exec(node) ?? [];
    const earlier = flow?.after[node.replace(/\[\d+\]/, '[]')] ?? [];
    for (const name of earlier) closings.close(run, stretch, name.replace('[]', number), closing);
  };
  for (const entry of told) {
    const { at } = entry;
    if (entry.what === 'seen') {
      const stretch = stretches.ofSeq(entry.run, entry.version);
      for (const node of entry.nodes) {
        const isCancelled = node.status === 'cancelled' || entry.status === 'cancelled';
        const isGivenUp = isCancelled || hasTimedOut(records.runs.get(entry.run)?.record, node.id);
        if (entry.terminal || ENDED.has(node.status))
          closings.close(entry.run, stretch, node.id, {
            at: isGivenUp ? at + ON_ITS_WAY : at,
            why: 'it was seen to have ended',
          });
        if (['running', 'waiting', 'completed'].includes(node.status))
          closeBefore(entry.run, stretch, node.id, { at, why: `${node.id} was seen to have begun` });
      }
    } else if (entry.what === 'items') {
      for (const { index, seq } of entry.ended) {
        const stretch = stretches.ofSeq(entry.run, seq);
        closings.close(entry.run, stretch, `${entry.node} ${index}`, { at, why: 'it was seen to have ended' });
      }
    }
  }
  for (const { what, run, node, at } of executions)
    if (what === 'start') closeBefore(run, stretches.at(run, at), node, { at, why: `${node} began` });
  return closings;
}

function hasTimedOut(record: ApiRun | undefined, nodeId: string): boolean {
  return record?.nodes.some(({ id, error }) => id === nodeId && error?.kind === 'timeout') === true;
}

function placeOf({ run, node, item }: Execution): string {
  return `${run} ${node} ${item ?? ''}`;
}

function checkKeys(
  verdict: Verdict,
  params: { readonly starts: readonly Execution[]; readonly stretches: Stretches; readonly overlap: number },
): void {
  const { starts, stretches, overlap } = params;
  const places = new Map<string, { key: string; attempt: number; retries: number; at: number }>();
  const owners = new Map<string, string>();
  for (const start of starts) {
    const { run, item, key, attempt, at } = start;
    const place = placeOf(start);
    const before = places.get(place);
    const retries = stretches.at(run, at)?.index ?? 0;
    places.set(place, { key, attempt, retries, at });
    if (before !== undefined)
      verdict.hold(
        'repeated executions had the same idempotency key, and no earlier attempt',
        // A retry counts attempts from 1 again.
        before.key === key &&
          (item !== null || before.retries < retries || before.attempt <= attempt || at <= before.at + overlap),
        () => `${place}: attempt ${before.attempt} with ${before.key}, then attempt ${attempt} with ${key}`,
      );
    const owner = owners.get(key) ?? place;
    owners.set(key, owner);
    if (owner !== place) verdict.hold('idempotency keys are of one node', false, () => `${key}: ${owner} and ${place}`);
  }
  for (const _ of owners) verdict.hold('idempotency keys are of one node', true, () => '');
}

/** That what was recorded was really done, and that whatever came after was given just that. */
function checkOutcomes(
  verdict: Verdict,
  params: {
    readonly record: RunRecord;
    readonly executions: readonly Execution[];
    readonly stretches: Stretches;
  },
): void {
  const { executions, stretches } = params;
  const { run, record } = params.record;
  const works = new Set(record.nodes.flatMap(({ id, kind }) => (kind === 'code' || kind === 'map' ? [id] : [])));
  const made = new Set(
    executions.filter((line) => line.what === 'end').map((line) => `${rootOf(line.node)} ${line.token}`),
  );
  for (const { events, standing } of stretches.of(run)) {
    for (const { kind, node_id, data } of events) {
      if (kind !== 'node.completed' || node_id === null || !works.has(node_id) || standing.has(node_id)) continue;
      for (const token of [tokensOf(data['output'] ?? null)].flat())
        verdict.hold(
          'outcomes recorded were made by an execution',
          typeof token === 'string' && made.has(`${node_id} ${token}`),
          () => `${run} ${node_id} has ${JSON.stringify(token)}`,
        );
    }
  }
  for (const line of executions) {
    if (line.what !== 'start') continue;
    const outcomes = stretches.at(run, line.at)?.outcomes;
    for (const [need, given] of Object.entries((line.from ?? {}) as { [need: string]: Json })) {
      const output = outcomes?.get(need)?.output ?? null;
      const recorded = works.has(need) ? tokensOf(output) : output;
      verdict.hold(
        'executions were given what is recorded',
        JSON.stringify(given) === JSON.stringify(recorded),
        () =>
          `${run} ${line.node} was given ${JSON.stringify(given)} of ${need}, recorded is ${JSON.stringify(recorded)}`,
      );
    }
  }
}

/** Of an execution's output, or of a list of them; items that failed have none. */
function tokensOf(output: Json): Json {
  if (Array.isArray(output)) return output.filter((item) => item !== null).map((item) => tokensOf(item));
  return (output as { readonly token?: Json } | null)?.token ?? null;
}
