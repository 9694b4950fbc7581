import type { Run, RunStatus } from '../../../core/run/run.js';
import type { BatchParticipant } from '../connection/batch-participants.js';

/** A run's newest record, what its row holds of it, and the epoch of its driver. */
export interface LiveRun {
  readonly run: Run;
  readonly rowVersion: number;
  readonly rowStatus: RunStatus;
  readonly epoch: number;
}

/**
 * The newest records of runs that are under way. Their rows may lag behind: while a run goes on, a commit of it writes
 * its log alone, and the row is what the log is folded onto. Changes belong to the open batch until it is committed.
 */
export class LiveRuns implements BatchParticipant {
  /** Least recently changed first. */
  readonly #runs = new Map<string, LiveRun>();
  /** What the open batch changed, to be undone from the end. */
  #undo: { readonly id: string; readonly before: LiveRun | undefined }[] = [];
  #savepoint = 0;

  get size(): number {
    return this.#runs.size;
  }

  get(runId: string): LiveRun | undefined {
    return this.#runs.get(runId);
  }

  values(): IterableIterator<LiveRun> {
    return this.#runs.values();
  }

  /** The ids of the `count` least recently changed. */
  oldest(count: number): readonly string[] {
    const ids: string[] = [];
    if (count <= 0) return ids;
    for (const id of this.#runs.keys()) if (ids.push(id) >= count) break;
    return ids;
  }

  set(live: LiveRun): void {
    const { id } = live.run;
    this.#remember(id);
    this.#runs.delete(id);
    this.#runs.set(id, live);
  }

  delete(runId: string): void {
    if (!this.#runs.has(runId)) return;
    this.#remember(runId);
    this.#runs.delete(runId);
  }

  /** Rows that must not lag are written by their table. */
  flush(): void {}

  committed(): void {
    this.#undo = [];
    this.#savepoint = 0;
  }

  markSavepoint(): void {
    this.#savepoint = this.#undo.length;
  }

  undo(as: 'to savepoint' | 'all'): void {
    if (as === 'all') this.#savepoint = 0;
    for (const { id, before } of this.#undo.splice(this.#savepoint).toReversed()) {
      if (before === undefined) this.#runs.delete(id);
      else this.#runs.set(id, before);
    }
  }

  reload(): void {
    this.#runs.clear();
    this.committed();
  }

  #remember(id: string): void {
    this.#undo.push({ id, before: this.#runs.get(id) });
  }
}
