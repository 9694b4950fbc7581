import type { Principal } from '../../../core/tenant/principal.js';
import type { Run } from '../../../core/run/run.js';
import { getRun } from '../runs.js';
import { onRunChanged, type FollowDeps } from './run-changes.js';
import type { FollowRunParams } from '../../interface/services.js';

/** One entry in the notifier for as long as it is followed: no promise, and no timer but where notices may be lost. */
export async function followRun(
  deps: FollowDeps,
  caller: Principal,
  { runId, listener }: FollowRunParams,
): Promise<{ readonly run: Run; readonly stop: () => void }> {
  let latest: Run | null = null;
  let first: Run | null = null;
  // Subscribed before the read, so that nothing falls between the two.
  const stop = onRunChanged(deps, {
    organizationId: caller.organizationId,
    runId,
    listener: (run) => {
      if (first === null) latest = run;
      else if (run.version > first.version) listener(run);
    },
  });
  try {
    first = await getRun(deps, caller, runId);
  } catch (error) {
    stop();
    throw error;
  }
  const run = newerRun(first, latest);
  first = run;
  return { run, stop };
}

export function newerRun(run: Run, other: Run | null): Run {
  return other !== null && other.version > run.version ? other : run;
}
