import type { ApiRun } from '../../api/api-types.js';
import type { CliContext } from './cli-context.js';
import { isPassing } from '../../api/client/transport.js';
import type { ErrandClient } from '../../api/client/client.js';
import { toExitCode, exitCodeOfSignal } from '../terminal/exit-codes.js';
import { pause } from '../../core/ports/clock.js';
import { nodeClock } from '../../app/process/node-clock.js';

const PAUSE_MS = 1000;

/** Waits for a run's end, at most `waitSeconds`, over restarts of the server too. Ctrl-C ends the wait, not the run. */
export async function waitForEnd(params: {
  readonly context: CliContext;
  readonly client: ErrandClient;
  readonly run: ApiRun;
  readonly waitSeconds: number;
}): Promise<{ readonly run: ApiRun; readonly exitCode: number }> {
  const { context, client } = params;
  const { now } = context.io;
  const until = now() + params.waitSeconds * 1000;
  const stop = new AbortController();
  let interruptedBy: NodeJS.Signals | null = null;
  const forget = context.io.onInterrupt((signal) => {
    interruptedBy = signal;
    stop.abort();
  });
  let run = params.run;
  try {
    while (!run.terminal && now() < until) {
      try {
        run = await client.waitForRun(run.run_id, { waitSeconds: (until - now()) / 1000, signal: stop.signal });
      } catch (error) {
        if (stop.signal.aborted || !isPassing(error) || now() >= until) throw error;
        await pause(nodeClock, Math.min(PAUSE_MS, Math.max(1, until - now())), stop.signal);
      }
    }
    return { run, exitCode: toExitCode(run.status) };
  } catch (error) {
    if (interruptedBy === null) throw error;
    return { run, exitCode: exitCodeOfSignal(interruptedBy) };
  } finally {
    forget();
  }
}
