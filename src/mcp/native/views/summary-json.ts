import type { WaitReasons } from '../../../core/ports/engine.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { renderRunStatus } from './native-render.js';
import { computePollAfterMs, remainingWait } from './poll-advice.js';
import { resultJson } from './result-json.js';
import { runText } from './run-text.js';
import { nextAction } from './run-words.js';
import { renderRunId } from '../../../core/render/run-id.js';

interface StatusView {
  readonly run: Run;
  readonly now: number;
  readonly waits: WaitReasons;
}

/** A summary as it was rendered, and all that went into it beside the run's record. */
interface KnownSummary {
  readonly pollAfterMs: number;
  /** Null when the time does not matter to it: for a run that has ended, or that waits for no moment. */
  readonly next: string | null;
  readonly held: string | null;
  readonly json: string;
}

/**
 * The summary of a run as a result, rendered again only when it differs. Records never change, and the store gives the
 * same one until the run does; what a summary tells beside it is when to look again, what to do next and what the run
 * itself waits for.
 */
export function summaryJson({ run, now, waits }: StatusView): string {
  const pollAfterMs = computePollAfterMs(run, now);
  const held = waits.run;
  const before = known.get(run);
  if (before?.pollAfterMs === pollAfterMs && before.held === held && before.next === datedAction(run, now, before)) {
    return before.json;
  }
  const runId = renderRunId(run.id);
  const text = runText(run, { runId, now, waits });
  const json = resultJson(renderRunStatus({ run, now, detail: 'summary', waits }), { text, isError: false });
  const dated = !isTerminal(run.status) && remainingWait(run, now) !== null;
  known.set(run, { pollAfterMs, next: dated ? nextAction(run, { runId, now }) : null, held, json });
  return json;
}

const known = new WeakMap<Run, KnownSummary>();

/** What is to be done next, where that was found to change with time. */
function datedAction(run: Run, now: number, before: KnownSummary): string | null {
  return before.next === null ? null : nextAction(run, { runId: renderRunId(run.id), now });
}
