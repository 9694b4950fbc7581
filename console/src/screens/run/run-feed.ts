import type { ApiEvent } from '@api/api-types.js';
import { followRun } from '@api/client/follow-run.js';
import { listRunEvents } from '@api/endpoints/runs.js';
import type { Clock } from '@core/ports/clock.js';
import { client } from '../../api/client.js';

export type FeedState = 'loading' | 'live' | 'reconnecting' | 'paused' | 'ended' | 'broken';

export interface FeedView {
  /** In their order, each once. */
  readonly events: readonly ApiEvent[];
  readonly state: FeedState;
  readonly error: unknown;
}

/** A hidden page gives its connection back after this time: browsers have six for a server, over all tabs. */
const HIDDEN_MS = 10_000;
const PAGE = 1_000;
/** What has come is shown as often as this, and not sooner than with the next frame. */
const GAP_MS = 100;
/** The same of a log that is read from its beginning, page by page. */
const LOADING_GAP_MS = 400;

const CLOCK: Clock = {
  now: () => Date.now(),
  schedule: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * The log of one run: what there is, page by page, then what comes, until the run ends. Views get what has come in one
 * piece, a few times a second. Owned by the screen that starts it.
 */
export class RunFeed {
  readonly #runId: string;
  readonly #listeners = new Set<() => void>();
  #events: ApiEvent[] = [];
  #view: FeedView = { events: [], state: 'loading', error: null };
  #reading = new AbortController();
  #hideTimer: ReturnType<typeof setTimeout> | null = null;
  #stopWaiting: (() => void) | null = null;
  #publishedAt = 0;
  #release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => (this.#release = resolve));

  constructor(runId: string) {
    this.#runId = runId;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  getView = (): FeedView => this.#view;

  start(): () => void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#read();
    return () => {
      document.removeEventListener('visibilitychange', this.#onVisibility);
      this.#pause();
    };
  }

  /** Reads on behind the first page of the log: what else is to be shown first has come. */
  readOn = (): void => this.#release();

  /** Goes on reading: a run that has ended was retried. */
  resume(): void {
    this.#reading.abort();
    this.#read();
  }

  #onVisibility = (): void => {
    if (document.hidden) {
      this.#hideTimer ??= setTimeout(() => this.#pause(), HIDDEN_MS);
      return;
    }
    if (this.#hideTimer !== null) clearTimeout(this.#hideTimer);
    this.#hideTimer = null;
    if (this.#view.state === 'paused') this.#read();
  };

  #pause(): void {
    this.#reading.abort();
    if (this.#view.state !== 'ended') this.#publish('paused');
  }

  #read(): void {
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#readAll(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#publish('broken', error);
    });
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    for (let after: number | null = this.#lastSeq(); after !== null;) {
      const query = { after, limit: PAGE };
      const page: { events: readonly ApiEvent[]; next_after: number | null } = await client.call(listRunEvents, {
        path: { id: this.#runId },
        query,
        signal,
      });
      for (const event of page.events) this.#add(event);
      this.#publishSoon('loading');
      after = page.next_after;
      if (after !== null) await this.#released;
    }
    const run = await client.getRunHead(this.#runId);
    signal.throwIfAborted();
    if (run.terminal && run.version <= this.#lastSeq()) return this.#publish('ended');
    this.#publish('live');
    await this.#follow(signal);
    this.#publish('ended');
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const events = followRun({
      client,
      runId: this.#runId,
      afterSeq: this.#lastSeq(),
      signal,
      clock: CLOCK,
      onCut: () => this.#publish('reconnecting'),
    });
    for await (const event of events) {
      this.#add(event);
      this.#publishSoon('live');
    }
  }

  #add(event: ApiEvent): void {
    if (event.seq > this.#lastSeq()) this.#events.push(event);
  }

  #lastSeq(): number {
    return this.#events.at(-1)?.seq ?? 0;
  }

  #publishSoon(state: FeedState): void {
    const gap = state === 'loading' ? LOADING_GAP_MS : GAP_MS;
    this.#stopWaiting ??= waitForFrame(this.#publishedAt + gap - performance.now(), () => this.#publish(state));
  }

  #publish(state: FeedState, error: unknown = null): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#publishedAt = performance.now();
    this.#view = { events: this.#events.slice(), state, error };
    for (const listener of this.#listeners) listener();
  }
}

/** Calls `run` with the first frame after so long. Gives what keeps it from that. */
function waitForFrame(ms: number, run: () => void): () => void {
  let frame = 0;
  const timer = setTimeout(() => (frame = requestAnimationFrame(run)), Math.max(0, ms));
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
