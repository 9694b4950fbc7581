import { checkExecutions } from './check-executions.js';
import { checkLedger } from './check-ledger.js';
import { digest } from './client.js';
import { groupBy } from './group-by.js';
import type { Acknowledgement, Execution, Observation } from './journal.js';
import type { Records, RunRecord } from './records.js';
import { Verdict } from './verdict.js';
import { FLOWS } from './workload.js';

export interface Evidence {
  /** What callers were told, in the order in which they were. */
  readonly told: readonly Acknowledgement[];
  /** What the handlers noted. */
  readonly executions: readonly Execution[];
  /** What the server says in the end. */
  readonly records: Records;
}

const RANK: { readonly [status: string]: number } = { pending: 0, running: 1 };
const NODE_ENDED = new Set(['completed', 'failed', 'skipped', 'cancelled']);
const RUN_ENDS = new Set(['run.completed', 'run.partially_completed', 'run.failed', 'run.cancelled']);

/** Holds what the server says in the end against what its callers were told and what was done outside. */
export function check(evidence: Evidence): Verdict {
  const verdict = new Verdict();
  checkAccepted(verdict, evidence);
  const children = groupBy(evidence.records.runs.values(), ({ record }) => record.parent?.run_id ?? '');
  for (const record of evidence.records.runs.values()) {
    checkEnd(verdict, record);
    checkLog(verdict, record);
    checkChildren(verdict, record, children.get(record.record.run_id) ?? []);
  }
  checkTold(verdict, evidence);
  checkObservations(verdict, evidence);
  checkExecutions(verdict, evidence);
  checkLedger(verdict, evidence.records);
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
    if (record.parent !== null) continue;
    verdict.hold('runs there are one for each key', accepted.has(run), () => `${run} is a second run of some key`);
  }
}

function checkEnd(verdict: Verdict, { run, record }: RunRecord): void {
  const flow = FLOWS[record.workflow_id];
  verdict.hold('runs have ended', record.terminal, () => `${run} (${record.workflow_id}) is stuck: ${record.status}`);
  verdict.hold(
    'runs ended as their workflow must',
    record.status === flow?.status || record.status === 'cancelled',
    () => `${run} (${record.workflow_id}) is ${record.status}: ${JSON.stringify(record.error)}`,
  );
  for (const node of record.nodes)
    verdict.hold('nodes have ended', NODE_ENDED.has(node.status), () => `${run} ${node.id} is stuck: ${node.status}`);
}

function checkLog(verdict: Verdict, { run, log }: RunRecord): void {
  const broken = log.findIndex((event, index) => event.seq !== index + 1 || event.at < (log[index - 1]?.at ?? ''));
  verdict.hold('logs are without gaps', broken === -1, () => `${run} at ${broken}: ${JSON.stringify(log[broken])}`);
  const ends = log.filter((event) => RUN_ENDS.has(event.kind));
  verdict.hold(
    'logs end once',
    ends.length === 1 && ends[0] === log.at(-1),
    () => `${run}: ${JSON.stringify(ends)} of ${log.length} events`,
  );
  const done = new Set<string>();
  for (const { kind, node_id, data } of log) {
    if (kind !== 'node.completed' && kind !== 'step.completed') continue;
    const name = `${node_id} ${kind === 'step.completed' ? JSON.stringify(data['key']) : ''}`;
    verdict.hold('outcomes are recorded once', !done.has(name), () => `${run} ${name} has two`);
    done.add(name);
  }
}

function checkChildren(verdict: Verdict, { run, record, log }: RunRecord, children: readonly RunRecord[]): void {
  for (const node of record.nodes.filter(({ kind, attempt }) => kind === 'workflow' && attempt > 0)) {
    const own = children.filter((child) => child.record.parent?.node_id === node.id);
    verdict.hold('nodes started one child run', own.length <= 1, () => `${run} ${node.id} started ${own.length}`);
    const completed = log.find((event) => event.kind === 'node.completed' && event.node_id === node.id);
    if (completed === undefined) continue;
    const [given, made] = [completed.data['output'], own[0]?.record.output].map((output) => JSON.stringify(output));
    verdict.hold("child runs' outputs are their nodes'", given === made, () => `${run} ${node.id}: ${given} ≠ ${made}`);
  }
}

function checkTold(verdict: Verdict, { told, records }: Evidence): void {
  for (const entry of told) {
    const record = records.runs.get(entry.run);
    if (entry.what === 'cancelled') {
      verdict.hold(
        'cancels acknowledged are kept',
        record?.record.status === 'cancelled',
        () => `${entry.run} is ${record?.record.status ?? 'lost'}`,
      );
    } else if (entry.what === 'answered') {
      const answers = record?.log.filter((event) => event.kind === 'node.answered' && event.node_id === entry.node);
      verdict.hold(
        'answers acknowledged are kept',
        answers?.length === 1 && answers[0]?.data['answer'] === entry.answer,
        () => `${entry.run} ${entry.node}: ${entry.answer} was taken, there is ${JSON.stringify(answers)}`,
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

function checkObservations(verdict: Verdict, { told, records }: Evidence): void {
  const latest = new Map<string, Observation>();
  const final = [...records.runs.values()].map(({ seen }) => seen);
  for (const seen of [...told, ...final]) {
    if (seen.what !== 'seen') continue;
    const before = latest.get(seen.run);
    // Two calls that overlapped have no order.
    if (before !== undefined && before.at <= seen.sent) compare(verdict, before, seen);
    latest.set(seen.run, seen);
  }
}

function compare(verdict: Verdict, before: Observation, after: Observation): void {
  const { run } = after;
  if (before.terminal)
    verdict.hold(
      'ends seen have not changed',
      before.end === after.end,
      () => `${run}: ${before.end} became ${after.end} (${after.status})`,
    );
  verdict.hold(
    'versions and statuses seen have not fallen',
    before.version <= after.version && (RANK[before.status] ?? 2) <= (RANK[after.status] ?? 2),
    () => `${run}: ${before.status} at ${before.version} became ${after.status} at ${after.version}`,
  );
  for (const [index, node] of after.nodes.entries()) {
    const old = before.nodes[index];
    if (old === undefined) continue;
    verdict.hold(
      'progress and attempts seen have not fallen',
      old.progress <= node.progress && old.attempt <= node.attempt,
      () => `${run} ${node.id}: ${JSON.stringify(old)} became ${JSON.stringify(node)}`,
    );
    if (NODE_ENDED.has(old.status))
      verdict.hold(
        'nodes seen to have ended are as they were',
        old.status === node.status,
        () => `${run} ${node.id}: ${old.status} became ${node.status}`,
      );
  }
}
