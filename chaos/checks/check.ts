import { isJsonObject } from '../../src/core/json.js';
import type { ApiEvent } from '../../src/api/api-types.js';
import { checkExecutions } from './check-executions.js';
import { checkDoors } from './check-doors.js';
import { checkLedger } from './check-ledger.js';
import { checkMessages } from './check-messages.js';
import { checkOthers } from './check-others.js';
import { checkReruns } from './check-reruns.js';
import { checkRetries } from './check-retries.js';
import { checkSchedule } from './check-schedule.js';
import { digest } from '../client.js';
import { groupBy } from './group-by.js';
import type { Acknowledgement, Execution, Observation } from '../journal.js';
import type { Records, RunRecord } from '../records.js';
import { completedItem, type Stretch, Stretches } from './stretches.js';
import { Verdict } from './verdict.js';
import type { OtherCall } from '../load/other-calls.js';
import { type End, FLOWS, TIMED } from '../load/workload.js';
import type { WorldEvidence } from '../world/world.js';

export interface Evidence {
  /** What callers were told, in the order in which they were. */
  readonly told: readonly Acknowledgement[];
  /** What the handlers noted. */
  readonly executions: readonly Execution[];
  /** What the server says in the end. */
  readonly records: Records;
  /** What was asked for beside runs. */
  readonly others: readonly OtherCall[];
  readonly world: WorldEvidence;
  /** When servers were killed, by the clock of the journals. */
  readonly kills: readonly number[];
  /** For so long two processes may be at the same work: until one of them knows that the other was given it. Microseconds. */
  readonly overlap: number;
}

const RANK: { readonly [status: string]: number } = { pending: 0, running: 1 };
const NODE_ENDED = new Set(['completed', 'failed', 'skipped', 'cancelled']);
const RUN_ENDS: { readonly [kind: string]: End } = {
  'run.completed': 'completed',
  'run.partially_completed': 'partial_complete',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

/** Holds what the server says in the end against what its callers were told and what was done outside. */
export function check(evidence: Evidence): Verdict {
  const verdict = new Verdict();
  const stretches = new Stretches(evidence.records.runs.values(), evidence.told);
  checkAccepted(verdict, evidence);
  const children = groupBy(evidence.records.runs.values(), ({ record }) => record.parent?.run_id ?? '');
  for (const record of evidence.records.runs.values()) {
    const own = { stretches: stretches.of(record.run), children: children.get(record.record.run_id) ?? [] };
    checkEnd(verdict, record, own, evidence);
    checkLog(verdict, record, own.stretches);
    checkChildren(verdict, record, own);
  }
  checkTold(verdict, evidence, stretches);
  checkRetries(verdict, evidence, stretches);
  checkReruns(verdict, evidence, stretches);
  checkObservations(verdict, evidence, stretches);
  checkExecutions(verdict, evidence, stretches);
  checkLedger(verdict, evidence.records, stretches);
  checkOthers(verdict, evidence.others, evidence.records);
  checkDoors(verdict, evidence, stretches);
  checkMessages(verdict, evidence);
  checkSchedule(verdict, evidence);
  return verdict;
}

function checkAccepted(verdict: Verdict, { told, records }: Evidence): void {
  const byKey = new Map<string, string>();
  const accepted = new Set<string>();
  for (const entry of told) {
    if (entry.what !== 'accepted') continue;
    const first = byKey.get(entry.key);
    if (first === undefined) {
      byKey.set(entry.key, entry.run);
      accepted.add(entry.run);
      const there = records.runs.get(entry.run);
      verdict.hold(
        'runs acknowledged are there',
        there?.record.workflow_id === entry.workflow,
        () => `${entry.run} (${entry.workflow}, ${entry.key}) is lost`,
      );
    }
    if (entry.sending > 1)
      verdict.hold(
        'keys sent again name the one run',
        (first ?? entry.run) === entry.run,
        () => `${entry.key} named ${first}, and then ${entry.run}`,
      );
  }
  for (const { run, record } of records.runs.values()) {
    if (record.parent !== null || record.workflow_id === TIMED) continue;
    verdict.hold('runs there are one for each key', accepted.has(run), () => `${run} is a second run of some key`);
  }
}

interface OfRun {
  readonly stretches: readonly Stretch[];
  readonly children: readonly RunRecord[];
}

function checkEnd(verdict: Verdict, whole: RunRecord, own: OfRun, evidence: Evidence): void {
  const { run, record } = whole;
  const { stretches } = own;
  verdict.hold('runs have ended', record.terminal, () => `${run} (${record.workflow_id}) is stuck: ${record.status}`);
  for (const stretch of stretches) {
    const end = RUN_ENDS[stretch.events.at(-1)?.kind ?? ''];
    verdict.hold(
      'runs ended as their workflow must',
      end === 'cancelled' ||
        end === expectedEnd(record.workflow_id, stretch) ||
        (end === 'failed' &&
          (wasKilledAgainAndAgain(run, stretch, evidence) || wasCancelledAtStart(whole, stretch, own.children))),
      () => `${run} (${record.workflow_id}), retried ${stretch.index} times, was ${end}`,
    );
    if (stretch === stretches.at(-1))
      verdict.hold(
        'runs are what their logs end with',
        record.status === end && record.retries === stretch.index,
        () => `${run} is ${record.status}, retried ${record.retries} times; its log: ${end}, ${stretch.index} times`,
      );
  }
  for (const node of record.nodes)
    verdict.hold('nodes have ended', NODE_ENDED.has(node.status), () => `${run} ${node.id} is stuck: ${node.status}`);
}

const DIED = /^The server died (once|\d+ times) while this was at work/;

/**
 * Whether a run failed because the server died at its work, as it says, as often as servers were killed meanwhile. A
 * slow machine does in several lives of a server what it else does in one.
 */
function wasKilledAgainAndAgain(run: string, { events }: Stretch, { told, kills }: Evidence): boolean {
  const error = events.at(-1)?.data['error'] ?? null;
  const { kind, message } = isJsonObject(error) ? error : {};
  const times = typeof message === 'string' ? DIED.exec(message)?.[1] : undefined;
  if (kind !== 'crashed' || times === undefined) return false;
  const from = told.find((entry) => entry.what === 'accepted' && entry.run === run)?.at ?? Number.POSITIVE_INFINITY;
  const to = told.findLast((entry) => entry.what === 'seen' && entry.run === run && entry.terminal)?.at ?? 0;
  const meanwhile = kills.filter((at) => at >= from && at <= to).length;
  return meanwhile >= (times === 'once' ? 1 : Number.parseInt(times, 10));
}

/**
 * Whether a retry found the shared budget used up because the cancel before it had come between the start of a run and the
 * note that its node waits for that: the node does not know of it, and it may not have given back its credits yet.
 */
function wasCancelledAtStart({ log }: RunRecord, { index, events }: Stretch, children: readonly RunRecord[]): boolean {
  if (index === 0) return false;
  const noted = new Set(log.flatMap(({ kind, data }) => (kind === 'node.waiting' ? [data['run_id']] : [])));
  return events.some(({ kind, node_id, data }) => {
    const { error = null } = data;
    if (kind !== 'node.failed' || !isJsonObject(error) || error['kind'] !== 'budget_exceeded') return false;
    return children.some(({ record }) => record.parent?.node_id === node_id && !noted.has(record.run_id));
  });
}

function expectedEnd(workflow: string, { index, standing, outcomes }: Stretch): End | undefined {
  const flow = FLOWS[workflow];
  if (flow?.cured === undefined) return flow?.status;
  const { node, status } = flow.cured;
  const isTakenOver = standing.has(node) && outcomes.get(node)?.status === 'completed';
  return index > 0 || isTakenOver ? status : flow.status;
}

function checkLog(verdict: Verdict, { run, log }: RunRecord, stretches: readonly Stretch[]): void {
  const broken = log.findIndex((event, index) => event.seq !== index + 1 || event.at < (log[index - 1]?.at ?? ''));
  verdict.hold('logs are without gaps', broken === -1, () => `${run} at ${broken}: ${JSON.stringify(log[broken])}`);
  const done = new Set<string>();
  for (const { index, events, resumed, reset } of stretches) {
    const ends = events.filter((event) => event.kind in RUN_ENDS);
    verdict.hold(
      'logs end once, and once for each retry',
      ends.length === 1 && ends[0] === events.at(-1),
      () => `${run}, retried ${index} times: ${JSON.stringify(ends)} of ${events.length} events`,
    );
    for (const name of done) {
      const [node = '', what] = name.split(' ');
      if (reset.has(node) || (resumed.has(node) && what !== 'item')) done.delete(name);
    }
    for (const event of events) {
      const name = outcomeName(event);
      if (name === null) continue;
      verdict.hold('outcomes are recorded once', !done.has(name), () => `${run} ${name} has two`);
      done.add(name);
    }
  }
}

/** Items that have completed are so over all attempts and over retries of their node. */
function outcomeName({ kind, node_id, data }: ApiEvent): string | null {
  if (kind === 'node.completed') return `${node_id}`;
  if (kind !== 'step.completed') return null;
  const item = completedItem(data);
  return item === null ? `${node_id} step ${JSON.stringify(data['key'])}` : `${node_id} item ${item}`;
}

function checkChildren(verdict: Verdict, { run, record, log }: RunRecord, params: OfRun): void {
  for (const node of record.nodes.filter(({ kind }) => kind === 'workflow')) {
    const ofNode = ({ kind, node_id }: ApiEvent, wanted: string): boolean => kind === wanted && node_id === node.id;
    const started = params.stretches.filter(({ events }) => events.some((event) => ofNode(event, 'node.started')));
    if (started.length === 0) continue;
    const own = params.children.filter((child) => child.record.parent?.node_id === node.id);
    verdict.hold(
      'nodes started one child run, and one for each retry',
      own.length <= started.length,
      () => `${run} ${node.id} started ${own.length} in ${started.length}`,
    );
    const completed = log.findLast((event) => ofNode(event, 'node.completed'));
    if (completed === undefined || node.status !== 'completed') continue;
    const child = own.find(({ record: { run_id } }) => run_id === node.child_run_id);
    const [given, made] = [completed.data['output'], child?.record.output].map((output) => JSON.stringify(output));
    verdict.hold("child runs' outputs are their nodes'", given === made, () => `${run} ${node.id}: ${given} ≠ ${made}`);
  }
}

function checkTold(verdict: Verdict, { told, records }: Evidence, stretches: Stretches): void {
  for (const entry of told) {
    const record = records.runs.get(entry.run);
    if (entry.what === 'cancelled') {
      const event = record?.log[entry.version - 1];
      verdict.hold(
        'cancels acknowledged are kept',
        event?.kind === 'run.cancelled',
        () => `${entry.run} at ${entry.version} is ${event?.kind ?? 'lost'}`,
      );
    } else if (entry.what === 'answered') {
      const taken = stretches
        .of(entry.run)
        .map(({ events }) => events.filter((event) => event.kind === 'node.answered' && event.node_id === entry.node));
      const answers = taken.find(([first]) => first?.data['answer'] === entry.answer);
      verdict.hold(
        'answers acknowledged are kept',
        answers?.length === 1,
        () => `${entry.run} ${entry.node}: ${entry.answer} was taken, there is ${JSON.stringify(taken)}`,
      );
    } else if (entry.what === 'log') {
      verdict.hold(
        'logs read are the beginning of what is there',
        digest(record?.log.slice(0, entry.seq) ?? []) === entry.digest,
        () => `${entry.run}: its first ${entry.seq} events are others now`,
      );
    }
  }
}

function checkObservations(verdict: Verdict, { told, records }: Evidence, stretches: Stretches): void {
  const latest = new Map<string, Observation>();
  const final = [...records.runs.values()].map(({ seen }) => seen);
  for (const seen of [...told, ...final]) {
    if (seen.what !== 'seen') continue;
    const before = latest.get(seen.run);
    // Two calls that overlapped have no order.
    if (before !== undefined && before.at <= seen.sent)
      compare(verdict, { before, after: seen, retries: stretches.between(seen.run, before.version, seen.version) });
    latest.set(seen.run, seen);
  }
}

/** `retries`: those that took effect between the two. */
function compare(
  verdict: Verdict,
  params: { readonly before: Observation; readonly after: Observation; readonly retries: readonly Stretch[] },
): void {
  const { before, after, retries } = params;
  const { run } = after;
  const isRetried = retries.length > 0;
  if (before.terminal && !isRetried)
    verdict.hold(
      'ends seen have not changed',
      before.end === after.end,
      () => `${run}: ${before.end} became ${after.end} (${after.status})`,
    );
  verdict.hold(
    'versions and statuses seen have not fallen',
    before.version <= after.version && (isRetried || (RANK[before.status] ?? 2) <= (RANK[after.status] ?? 2)),
    () => `${run}: ${before.status} at ${before.version} became ${after.status} at ${after.version}`,
  );
  for (const [index, node] of after.nodes.entries()) {
    const old = before.nodes[index];
    if (old === undefined) continue;
    const isTakenUp = retries.some(({ resumed, reset }) => resumed.has(node.id) || reset.has(node.id));
    verdict.hold(
      'progress and attempts seen have not fallen',
      old.progress <= node.progress && (isTakenUp || old.attempt <= node.attempt),
      () => `${run} ${node.id}: ${JSON.stringify(old)} became ${JSON.stringify(node)}`,
    );
    if (NODE_ENDED.has(old.status) && !isTakenUp)
      verdict.hold(
        'nodes seen to have ended are as they were',
        old.status === node.status,
        () => `${run} ${node.id}: ${old.status} became ${node.status}`,
      );
  }
}
