import { isTerminal, type Run } from '../../core/run/run.js';
import type { RunRecorder } from '../ports/recorder.js';
import { computeProgress } from './wait-outcome.js';

/** A parent takes in how far its child is in steps of at least this many percent: each is a commit of the parent's. */
const STEP_PERCENT = 5;

/** For a run that another one started: has that one look whenever there is progress to see. The end is told by the engine. */
export function reportingToParent(params: {
  readonly run: Run;
  readonly recorder: RunRecorder;
  readonly report: (parentId: string) => void;
}): RunRecorder {
  const { run: first, recorder, report } = params;
  const { parent } = first;
  if (parent === undefined) return recorder;
  let reported = computeProgress(first);
  return {
    async record(changes) {
      const outcome = await recorder.record(changes);
      const { run } = changes;
      const progress = computeProgress(run);
      if (outcome === 'superseded' || isTerminal(run.status) || progress < reported + STEP_PERCENT) return outcome;
      reported = progress;
      report(parent.runId);
      return outcome;
    },
  };
}
