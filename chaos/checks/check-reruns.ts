import type { Evidence } from './check.js';
import { bare } from '../client.js';
import type { Acknowledgement } from '../journal.js';
import type { RunRecord } from '../records.js';
import type { Stretch, Stretches } from './stretches.js';
import type { Verdict } from './verdict.js';
import { FLOWS } from '../load/workload.js';

/** Every run was made as it was ordered: with that input, and as a rerun of just that run from just that node. */
export function checkReruns(verdict: Verdict, { told, records }: Evidence, stretches: Stretches): void {
  const keys = new Set<string>();
  for (const entry of told) {
    const made = records.runs.get(entry.run);
    if (entry.what !== 'accepted' || keys.has(entry.key) || made === undefined) continue;
    keys.add(entry.key);
    const { again, run } = entry;
    const of = made.record.rerun_of;
    verdict.hold(
      'runs are reruns of what they were ordered as',
      again === null ? of === null : of !== null && bare(of.run_id) === again.run && of.from_node === again.from,
      () => `${run} was ordered as ${JSON.stringify(again)} and is ${JSON.stringify(of)}`,
    );
    const input = JSON.stringify(made.log[0]?.data['input']);
    verdict.hold(
      'runs have the input that they were ordered with',
      input === JSON.stringify(entry.input),
      () => `${run} was ordered with ${JSON.stringify(entry.input)} and has ${input}`,
    );
    if (again !== null && again.from !== null) checkTakenOver(verdict, { entry, made, stretches });
  }
}

/** What a run took over is what the earlier run had come to, as it once stood since the order was made. */
function checkTakenOver(
  verdict: Verdict,
  params: {
    readonly entry: Extract<Acknowledgement, { what: 'accepted' }>;
    readonly made: RunRecord;
    readonly stretches: Stretches;
  },
): void {
  const { entry, made, stretches } = params;
  if (entry.again === null) return;
  const { run, version, from } = entry.again;
  const [first] = stretches.of(entry.run);
  // Those inside others are in the outcome of the one that holds them.
  const own = new Set(made.record.nodes.map(({ id }) => id));
  const has = [...(first?.standing ?? [])].filter((place) => own.has(place));
  const taken = describe(made.record.workflow_id, first, (node) => has.includes(node));
  const after = FLOWS[made.record.workflow_id]?.after ?? {};
  const isKept = (node: string): boolean => own.has(node) && node !== from && !(after[node] ?? []).includes(from ?? '');
  const could = stretches
    .of(run)
    .filter(({ firstSeq, events }) => firstSeq + events.length - 1 >= version)
    .map((stretch) => describe(made.record.workflow_id, stretch, isKept));
  verdict.hold(
    'runs from a node on have the outcomes of the earlier run',
    could.includes(taken),
    () => `${entry.run} took over ${taken} of ${run}, which had ${could.join(' or ')}`,
  );
}

/** The outcomes that stand for another run, too: a failure does where it is allowed. */
function describe(workflow: string, stretch: Stretch | undefined, isWanted: (node: string) => boolean): string {
  const mayFail = FLOWS[workflow]?.mayFail;
  const standing = [...(stretch?.outcomes ?? [])].filter(
    ([node, { status }]) =>
      isWanted(node) && (status === 'completed' || status === 'skipped' || (status === 'failed' && node === mayFail)),
  );
  return JSON.stringify(standing.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
