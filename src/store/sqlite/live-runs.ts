import type { Run, RunStatus } from '../../core/run/run.js';

/** A run's newest record, and what its row holds of it. */
export interface LiveRun {
  readonly run: Run;
  readonly rowVersion: number;
  readonly rowStatus: RunStatus;
}

/**
 * The newest records of runs that are under way. Their rows may lag behind: while a run goes on, a commit of it writes its log alone, and
 * the row is what the log is folded onto. Changes belong to the open batch until it is committed.
 */
export class LiveRuns {
  /** Least recently changed first. */
  readonly #runs = new Map<string, LiveRun>();
  /** What the open batch changed, to be undone from the end. */
  #undo: { readonly id: string; readonly before: LiveRun | undefined }[] = [];
  #savepoint = 0;
  /** Runs saved since the last flush whose log does not hold their newest version. */
  readonly #unlogged = new Map<string, number>();

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

  /** The row of this run must be written unless its log comes to hold this version before the next flush. */
  expectLog(run: Run): void {
    this.#unlogged.set(run.id, run.version);
  }

  logged(runId: string, lastSeq: number): void {
    if (this.#unlogged.size === 0) return;
    const version = this.#unlogged.get(runId);
    if (version !== undefined && version <= lastSeq) this.#unlogged.delete(runId);
  }

  takeUnlogged(): readonly string[] {
    if (this.#unlogged.size === 0) return [];
    const ids = [...this.#unlogged.keys()];
    this.#unlogged.clear();
    return ids;
  }

  committed(): void {
    this.#undo = [];
    this.#savepoint = 0;
  }

  markSavepoint(): void {
    this.#savepoint = this.#undo.length;
  }

  /** Takes back what was changed since the savepoint. */
  undoToSavepoint(): void {
    for (const { id, before } of this.#undo.splice(this.#savepoint).toReversed()) {
      if (before === undefined) this.#runs.delete(id);
      else this.#runs.set(id, before);
    }
    this.#unlogged.clear();
  }

  undoAll(): void {
    this.#savepoint = 0;
    this.undoToSavepoint();
  }

  #remember(id: string): void {
    this.#undo.push({ id, before: this.#runs.get(id) });
  }
}
