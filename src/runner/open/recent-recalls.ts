import type { RunRecall } from './run-recall.js';

const MAX_RUNS = 32;
/** The limit for one run, in characters of JSON. */
const MAX_LENGTH = 2 * 1024 * 1024;

/** What the logs of runs told that were read last. */
export class RecentRecalls {
  /** The least recent first. */
  readonly #recalls = new Map<string, RunRecall>();

  /** Hands it over: whoever reads on keeps it again. */
  take(runId: string): RunRecall | null {
    const recent = this.#recalls.get(runId) ?? null;
    this.#recalls.delete(runId);
    return recent;
  }

  keep(runId: string, recall: RunRecall): void {
    if (recall.length > MAX_LENGTH) return;
    this.#recalls.set(runId, recall);
    const [oldest] = this.#recalls.keys();
    if (oldest !== undefined && this.#recalls.size > MAX_RUNS) this.#recalls.delete(oldest);
  }
}
