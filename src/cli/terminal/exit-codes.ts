import type { RunStatus } from '../../core/run/run.js';

/** What the process ends with. Scripts depend on these numbers; docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  runFailed: 3,
  runCancelled: 4,
  runPartial: 5,
  runUnfinished: 6,
  interrupted: 130,
  terminated: 143,
} as const;

/** For the commands that wait for a run's end. `pending` and `running`: the wait was up before the run was. */
export function toExitCode(status: RunStatus): number {
  switch (status) {
    case 'completed':
      return EXIT.ok;
    case 'failed':
      return EXIT.runFailed;
    case 'cancelled':
      return EXIT.runCancelled;
    case 'partial_complete':
      return EXIT.runPartial;
    case 'pending':
    case 'running':
      return EXIT.runUnfinished;
  }
}

export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
}
