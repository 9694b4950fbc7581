import { isTerminal } from '../../core/run/run.js';
import type { ApiRun } from '../../api/api-types.js';
import { applyApiEvent } from '../../api/client/apply-api-event.js';
import { nodeClock } from '../../app/process/node-clock.js';
import type { Clock } from '../../core/ports/clock.js';
import type { CliContext } from './cli-context.js';
import type { ErrandClient } from '../../api/client/client.js';
import { eventLine } from '../view/event-line.js';
import { toExitCode, exitCodeOfSignal } from '../terminal/exit-codes.js';
import { followRun } from '../../api/client/follow-run.js';
import { LiveView } from '../view/live-view.js';
import { renderRunReport } from '../view/run-report.js';
import { countDone } from '../view/run-view.js';

/**
 * Shows a run until it ends: in place on a terminal, a line for each change in a pipe, a JSON event a line with
 * `--json`. Ctrl-C ends the watch, never the run. Gives the exit code.
 */
export async function watchRun(params: {
  readonly context: CliContext;
  readonly client: ErrandClient;
  readonly run: ApiRun;
}): Promise<number> {
  const { context, run } = params;
  const stop = new AbortController();
  let interruptedBy: NodeJS.Signals | null = null;
  const forget = context.io.onInterrupt((signal) => {
    interruptedBy = signal;
    stop.abort();
  });
  try {
    const ended = await showUntilEnd({ ...params, signal: stop.signal, hint: 'Ctrl-C stops watching, not the run' });
    if (!context.json && context.live) {
      context.printLines(['', ...renderRunReport({ run: ended, width: context.width ?? 80, style: context.style })]);
    }
    return toExitCode(ended.status);
  } catch (error) {
    if (interruptedBy === null) throw error;
    context.note(`Stopped watching; the run goes on. Watch it again: errand watch ${run.run_id}`);
    return exitCodeOfSignal(interruptedBy);
  } finally {
    forget();
  }
}

export interface Watch {
  readonly context: CliContext;
  readonly client: ErrandClient;
  readonly run: ApiRun;
  readonly signal: AbortSignal;
  /** What the live view says below the run. */
  readonly hint: string;
}

/** Shows a run as the output can, until it ends; throws when `signal` aborts. Gives the run as it ended. */
export function showUntilEnd(watch: Watch): Promise<ApiRun> {
  return watch.context.json || !watch.context.live ? watchLines(watch) : watchLive(watch);
}

function clockOf({ io }: CliContext): Clock {
  return { now: io.now, schedule: (delayMs, wake) => nodeClock.schedule(delayMs, wake) };
}

/** From the run's first event on, so that what a pipe gets does not depend on when the watch began. */
async function watchLines({ context, client, run, signal }: Watch): Promise<ApiRun> {
  const onCut = (): void => context.note('The connection to the server was cut; trying again.');
  const events = followRun({ client, runId: run.run_id, afterSeq: 0, signal, clock: clockOf(context), onCut });
  for await (const event of events) {
    const line = context.json ? JSON.stringify(event) : eventLine(event, run);
    if (line !== null) context.print(line);
  }
  return client.getRun(run.run_id);
}

async function watchLive({ context, client, run, signal, hint }: Watch): Promise<ApiRun> {
  if (isTerminal(run.status)) {
    context.printLines(context.runView(run));
    return run;
  }
  const { io, style } = context;
  let current = run;
  const view = new LiveView({ output: io.stdout, style, now: io.now, run });
  const show = (): void => {
    view.update(current);
    view.setNotice(`${countDone(current)} · ${hint}`);
  };
  const onCut = (): void => view.setNotice('The connection to the server was cut; trying again…');
  // At once, not when the stream's end has been noticed: the prompt must come back with its cursor.
  signal.addEventListener('abort', () => view.stop());
  show();
  view.start();
  try {
    const events = followRun({
      client,
      runId: run.run_id,
      afterSeq: run.version,
      signal,
      clock: clockOf(context),
      onCut,
    });
    for await (const event of events) {
      current = applyApiEvent(current, event);
      show();
    }
    current = await client.getRun(run.run_id);
    view.update(current);
  } finally {
    view.stop();
  }
  return current;
}
