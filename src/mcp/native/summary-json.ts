import type { WaitReasons } from '../../core/engine.js';
import { isTerminal, type Run } from '../../core/run.js';
import { renderRunId, renderRunStatus } from '../contracts/native-render.js';
import { computePollAfterMs } from './pace.js';
import { resultJson } from './result-json.js';
import { runText } from './run-text.js';
import { nextAction } from './run-words.js';

interface StatusView {
  readonly run: Run;
  readonly now: number;
  readonly waits: WaitReasons;
}

/** A summary as it was rendered, and all that went into it beside the run's record. */
interface Known {
  readonly pollAfterMs: number;
  readonly next: string | null;
  readonly held: string | null;
  readonly json: string;
}

/**
 * The summary of a run as a result, rendered anew only when it differs. Records never change, and the store gives the same one until the run
 * does; what a summary tells beside it is when to look again, what to do next and what the run itself waits for.
 */
export function summaryJson({ run, now, waits }: StatusView): string {
  const runId = renderRunId(run.id);
  const pollAfterMs = computePollAfterMs(run, now);
  const next = isTerminal(run.status) ? null : nextAction(run, { runId, now });
  const held = waits.run;
  const before = known.get(run);
  if (before?.pollAfterMs === pollAfterMs && before.next === next && before.held === held) return before.json;
  const text = runText(run, { runId, now, waits });
  const json = resultJson(renderRunStatus({ run, now, detail: 'summary', waits }), { text, isError: false });
  known.set(run, { pollAfterMs, next, held, json });
  return json;
}

const known = new WeakMap<Run, Known>();
