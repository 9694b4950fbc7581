import { pause, type Clock } from '../../core/ports/clock.js';
import type { ErrandError } from '../../core/errors.js';
import type { ApiEvent } from '../api-types.js';
import type { ErrandClient } from './client.js';
import { isPassing } from './transport.js';

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 3000;
/** How long a server may be away (a restart, a deployment) before the watch gives up. */
const GIVE_UP_AFTER_MS = 120_000;

export interface FollowRunOptions {
  readonly client: ErrandClient;
  readonly runId: string;
  readonly afterSeq: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly giveUpAfterMs?: number;
  /** The connection is gone and will be made again. */
  readonly onCut?: (error: ErrandError | null) => void;
}

/**
 * A run's events after `afterSeq`, each once and in order, until the one that ends it, over as many connections as it
 * takes. Throws when the first connection cannot be made, when the server stays away for too long, and on `signal`.
 */
export async function* followRun(options: FollowRunOptions): AsyncGenerator<ApiEvent> {
  const { client, runId, signal, clock } = options;
  const now = (): number => clock.now();
  let seq = options.afterSeq;
  let lastContact: number | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    let cut: ErrandError | null = null;
    try {
      const onContact = (): void => {
        lastContact = now();
        pauseMs = FIRST_PAUSE_MS;
      };
      for await (const event of client.streamEvents({ runId, afterSeq: seq, signal, onContact })) {
        if (event.seq <= seq) continue;
        seq = event.seq;
        yield event;
      }
      // The stream has ended with the run, unless it was cut: the log of a run that was retried goes on after an end.
      const run = await client.getRunHead(runId);
      lastContact = now();
      if (run.terminal && run.version <= seq) return;
    } catch (error) {
      if (signal.aborted || lastContact === null || !isPassing(error)) throw error;
      if (now() - lastContact > (options.giveUpAfterMs ?? GIVE_UP_AFTER_MS)) throw error;
      cut = error;
    }
    options.onCut?.(cut);
    await pause(clock, Math.max(pauseMs, (cut?.retryAfterSeconds ?? 0) * 1000), signal);
    pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
  }
}
