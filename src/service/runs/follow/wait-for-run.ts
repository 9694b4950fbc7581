import { ErrandError } from '../../../core/errors.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { newerRun } from './follow-run.js';
import { getRun } from '../runs.js';
import { onRunChanged, type FollowDeps } from './run-changes.js';
import type { WaitForRunParams } from '../../interface/services.js';

/**
 * Waits for the run's end or next change without polling: one read, then the notifier. Throws `unauthenticated` when
 * the caller's key ends meanwhile.
 */
export async function waitForRun(deps: FollowDeps, caller: Principal, params: WaitForRunParams): Promise<Run> {
  const { runId, sinceVersion, timeoutMs, signal } = params;
  const isEnough = (run: Run): boolean =>
    isTerminal(run.status) || (sinceVersion !== undefined && run.version > sinceVersion);
  let latest: Run | null = null;
  let wake: () => void = () => undefined;
  let unwatch: () => void = () => undefined;
  // Subscribed before the read, so that nothing falls between the two.
  const unsubscribe = onRunChanged(deps, {
    organizationId: caller.organizationId,
    runId,
    listener: (run) => {
      latest = run;
      if (isEnough(run)) wake();
    },
  });
  try {
    const run = await getRun(deps, caller, runId);
    if (isEnough(run) || timeoutMs <= 0 || signal?.aborted === true) return run;
    let keyEnded = false;
    await new Promise<void>((resolve) => {
      const cancelTimer = deps.clock.schedule(timeoutMs, resolve);
      wake = () => {
        cancelTimer();
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
      unwatch = deps.keyWatch.watch(caller, () => {
        keyEnded = true;
        wake();
      });
      if (latest !== null && isEnough(latest)) wake();
    });
    signal?.removeEventListener('abort', wake);
    if (keyEnded) throw new ErrandError('unauthenticated', 'The API key was revoked, or has expired, during the call.');
    return newerRun(run, latest);
  } finally {
    unsubscribe();
    unwatch();
  }
}
