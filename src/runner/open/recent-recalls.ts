import type { RunRecall } from './run-recall.js';

const MAX_RUNS = 32;
/** The limit for one run, in characters of JSON. */
const MAX_LENGTH = 2 * 1024 * 1024;

export interface RecentRecall {
  readonly recall: RunRecall;
  /** About how long what it was read from is, in characters of JSON. */
  readonly length: number;
}

/** What the logs of runs told that were read last. */
export class RecentRecalls {
  /** The least recent first. */
  readonly #recalls = new Map<string, RecentRecall>();

  /** Hands it over: whoever reads on keeps it again. */
  take(runId: string): RecentRecall | null {
    const recent = this.#recalls.get(runId) ?? null;
    this.#recalls.delete(runId);
    return recent;
  }

  keep(runId: string, recent: RecentRecall): void {
    if (recent.length > MAX_LENGTH) return;
    this.#recalls.set(runId, recent);
    const [oldest] = this.#recalls.keys();
    if (oldest !== undefined && this.#recalls.size > MAX_RUNS) this.#recalls.delete(oldest);
  }
}
