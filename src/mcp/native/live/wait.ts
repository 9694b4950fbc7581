import { isTerminal, type Run } from '../../../core/run/run.js';
import type { ToolRequest } from '../../contract/contract.js';
import { ProgressReports } from './progress-reports.js';
import { statusMessage } from '../views/run-words.js';

type Waiter = Pick<ToolRequest<unknown>, 'services' | 'caller' | 'signal' | 'notify'>;

/**
 * Waits for a run's end, or for any change after a version, and reports on it meanwhile to a client that asked for
 * that. A client that goes away ends the waiting and nothing else.
 */
export async function waitReporting(
  call: Waiter,
  params: { readonly runId: string; readonly seconds: number; readonly sinceVersion?: number },
): Promise<Run> {
  const { services, caller, notify } = call;
  const { runId, seconds, sinceVersion } = params;
  const { signal } = call;
  const wait = () =>
    services.waitForRun(caller, {
      runId,
      timeoutMs: seconds * 1_000,
      signal,
      ...(sinceVersion === undefined ? {} : { sinceVersion }),
    });
  if (notify === null) return await wait();
  let reports: ProgressReports | null = null;
  const { run, stop } = await services.followRun(caller, { runId, listener: (next) => reports?.take(next) });
  if (!isTerminal(run.status)) {
    const describe = async (next: Run) => statusMessage(next, await services.explainWaits(caller, next));
    reports = new ProgressReports({ run, notify, clock: services.clock, describe });
  }
  try {
    return await wait();
  } finally {
    stop();
    reports?.stop();
  }
}
