import type { Clock } from '../../../core/ports/clock.js';

const EVERY_MS = 500;
const LOOSE_CLOCK: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, wake) => {
    const timer = setTimeout(wake, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface LeftBehindParams {
  readonly env: NodeJS.ProcessEnv;
  /** One that holds up no end of the process when not given: a server may fail to start. */
  readonly clock?: Clock;
  /** The parent of this process at this moment; as the system says it when not given. */
  readonly parent?: () => number;
  readonly told: () => void;
}

/**
 * Tells when npm has ended that has started this program (`npx errand serve`, or `npm start` where the script is `errand
 * serve`). npm does so by a shell that passes no signal on: SIGTERM ends npm and the shell, and would leave the server
 * behind. Tells nothing where something else has started it: it may be meant to outlive that. Returns what ends the watch.
 */
export function watchForNpm(params: LeftBehindParams): () => void {
  const { env, clock = LOOSE_CLOCK, parent = () => process.ppid, told } = params;
  if (!isScriptOfNpm(env)) return () => undefined;
  const first = parent();
  let cancel = (): void => undefined;
  const look = (): void => {
    if (parent() === first) cancel = clock.schedule(EVERY_MS, look);
    else told();
  };
  look();
  return () => cancel();
}

/** Not one that starts the server in the background, or goes on after it. */
function isScriptOfNpm(env: NodeJS.ProcessEnv): boolean {
  return /^'?errand'?(?: [^&|;]*)?$/.test(env['npm_lifecycle_script'] ?? '');
}
