import { isErrandError } from '../../core/errors.js';
import type {
  BegunDrive,
  CommitOutcome,
  CommitRunParams,
  CommitVerdict,
  RunKey,
} from '../../core/ports/store/run-store.js';
import { countCutOff, crashesSince } from '../../core/run/crashes.js';
import { changesOfDays, endedFacts, type DayChange } from '../../core/estimates/run-days.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import type { SharedBudget } from '../../core/models/shared-budget.js';
import { useBudgets } from '../rows/credits/use-budgets.js';
import { judgeCommit } from '../rows/judge-commit.js';
import type { RunState } from './tables/runs-table.js';
import { isUnfinished } from './tables/search/list-runs-sql.js';
import type { Tables } from './tables/tables.js';

/** Whether long texts of this commit may be written before it. Else it will not be kept. */
export function mayPlaceBefore({ runs }: Tables, params: CommitRunParams): boolean {
  const kept = runs.findState(params.run.id);
  if (params.created !== null) return kept === null;
  return kept !== null && isUnfinished(kept.rowStatus) && judgeCommit(kept, params) === 'kept';
}

/** Writes all that a commit of a run holds, or nothing of it. */
export function commitRun(tables: Tables, params: CommitRunParams): CommitOutcome {
  const { runs, log, credits, modelUsage, terms } = tables;
  const { run, events, epoch, created, movement, usage, rewritten, deliveries = [], eventChanges } = params;
  const kept = created === null ? runs.findState(run.id) : null;
  const outcome = created === null ? judgeCommit(kept, params) : 'kept';
  if (outcome !== 'kept') return outcome;
  const budgets = budgetsAfter(tables, params);
  const days = dayChangesOf(runs, { run, kept });
  const moved = movement === null ? null : credits.plan(movement, params.tellMark);
  if (created !== null) runs.insert(run, created);
  else if (kept !== null) runs.save(run, epoch === null ? takeOver(tables, run.id, kept) : kept);
  log.append(run.id, events);
  if (days.length > 0) tables.days.add(days);
  if (moved !== null) credits.move(moved);
  for (const budget of budgets) tables.budgets.save(budget);
  for (const use of usage) modelUsage.add(run.organizationId, use);
  if (rewritten.length > 0) log.rewrite(run.id, rewritten);
  for (const delivery of deliveries) tables.deliveries.insert(delivery);
  for (const delivery of moved?.deliveries ?? []) tables.deliveries.insert(delivery);
  if (params.clearsOutcome === true) terms.clearOutcome(keyOf(run));
  if (params.terms !== undefined && params.terms.length > 0) terms.insert(keyOf(run), params.terms);
  if (eventChanges !== undefined) tables.events.change(keyOf(run), eventChanges);
  if (params.audit !== undefined) tables.audit.record({ organizationId: run.organizationId, facts: params.audit });
  return 'kept';
}

/** Those that the run draws from, as the commit leaves them. */
function budgetsAfter({ budgets }: Tables, params: CommitRunParams): readonly SharedBudget[] {
  const { sharedBudgets } = params.run;
  return sharedBudgets === undefined ? [] : useBudgets(params, budgets.list(sharedBudgets));
}

/** What the commit changes of the figures of days. Before it is written: what a run that is retried had come to is read. */
function dayChangesOf(
  runs: Tables['runs'],
  { run, kept }: { readonly run: Run; readonly kept: RunState | null },
): readonly DayChange[] {
  const before = kept !== null && isTerminal(kept.rowStatus) ? runs.get(keyOf(run)) : null;
  if (before === null && !isTerminal(run.status)) return [];
  return changesOfDays(before === null ? null : endedFacts(before), run, workflowKeyOfRun(run));
}

const keyOf = ({ id: runId, organizationId }: Run): RunKey => ({ organizationId, runId });

/** See `RunStore.commitAll`: what is refused has written nothing. */
export function commitAll(tables: Tables, all: readonly CommitRunParams[]): readonly CommitVerdict[] {
  return all.map((params): CommitVerdict => {
    try {
      return { ok: true, outcome: commitRun(tables, params) };
    } catch (error) {
      if (!isErrandError(error)) throw error;
      return { ok: false, error };
    }
  });
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
