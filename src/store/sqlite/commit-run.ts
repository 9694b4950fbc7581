import type { BegunDrive, CommitOutcome, CommitRunParams, RunKey } from '../../core/ports/store/run-store.js';
import { countCutOff, crashesSince } from '../../core/run/crashes.js';
import { findKnownJson } from '../../core/large-json/known-json.js';
import { judgeCommit } from '../rows/judge-commit.js';
import type { RunState } from './tables/runs-table.js';
import { isUnfinished } from './tables/list-runs-sql.js';
import type { Tables } from './tables/tables.js';

/** Characters of JSON. Longer outputs are written in a turn of the event loop of their own. */
const VERY_LONG_OUTPUT = 1024 * 1024;

export function hasVeryLongOutput({ run }: CommitRunParams): boolean {
  return (findKnownJson(run)?.length ?? 0) > VERY_LONG_OUTPUT;
}

/** Comes before a commit whose output is very long. Does nothing where that commit will not be kept. */
export function placeOutputBefore({ runs }: Tables, params: CommitRunParams): void {
  const kept = params.created === null ? runs.findState(params.run.id) : null;
  if (kept === null || !isUnfinished(kept.rowStatus) || judgeCommit(kept, params) !== 'kept') return;
  runs.placeOutputBefore(params.run);
}

/** Writes all that a commit of a run holds, or nothing of it. */
export function commitRun(tables: Tables, params: CommitRunParams): CommitOutcome {
  const { runs, log, credits, modelUsage } = tables;
  const { run, events, epoch, created, movement, usage, rewritten, deliveries = [] } = params;
  const kept = created === null ? runs.findState(run.id) : null;
  const outcome = created === null ? judgeCommit(kept, params) : 'kept';
  if (outcome !== 'kept') return outcome;
  if (movement !== null) credits.assertAvailable(movement);
  if (created !== null) runs.insert(run, created);
  else if (kept !== null) runs.save(run, epoch === null ? takeOver(tables, run.id, kept) : kept);
  log.append(run.id, events);
  if (movement !== null) credits.move(movement);
  for (const use of usage) modelUsage.add(run.organizationId, use);
  if (rewritten.length > 0) log.rewrite(run.id, rewritten);
  for (const delivery of deliveries) tables.deliveries.insert(delivery);
  return 'kept';
}

/** Whoever has driven the run does so no longer, and starts again. */
function takeOver({ drives }: Tables, runId: string, kept: RunState): RunState {
  const epoch = kept.epoch + 1;
  drives.set(runId, { epoch, crashes: 0, endedNodes: 0 });
  return { ...kept, epoch };
}

export function noteCutOff({ runs, drives }: Tables, { times, ...key }: RunKey & { readonly times: number }): void {
  const run = runs.get(key);
  if (run === null) return;
  const before = drives.get(run.id);
  drives.set(run.id, { epoch: before.epoch, ...countCutOff(run, before, times) });
}

/** Takes a run over from whoever has driven it. */
export function beginDrive({ runs, drives }: Tables, key: RunKey): BegunDrive | null {
  const run = runs.get(key);
  if (run === null) return null;
  const before = drives.get(run.id);
  const epoch = before.epoch + 1;
  drives.set(run.id, { ...before, epoch });
  runs.setEpoch(run.id, epoch);
  return { run, epoch, crashes: crashesSince(run, before) };
}
