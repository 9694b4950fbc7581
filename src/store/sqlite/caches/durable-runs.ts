import type { Run } from '../../../core/run/run.js';
import type { BatchParticipant } from '../connection/batch-participants.js';

interface Change {
  readonly id: string;
  /** As it was before; null: there was none. */
  readonly before: Run | null;
  readonly run: Run;
}

/** What is newer than what is durable of a run: nearly always one record, as its driver waits for each. */
interface Undurable {
  durable: Run | null;
  batch: number;
  run: Run;
  /** Of later batches, oldest first. */
  later: { readonly batch: number; readonly run: Run }[] | null;
}

/**
 * The runs whose newest records are committed but may not be on disk yet, with the newest ones that are. Readers are
 * shown the latter: a power cut takes back nothing that anybody has seen.
 */
export class DurableRuns implements BatchParticipant {
  readonly #undurable = new Map<string, Undurable>();
  /** What each batch changed which is not durable, oldest first. */
  readonly #batches: { readonly batch: number; readonly changes: readonly Change[] }[] = [];
  /** What the open batch has changed. */
  #changes: Change[] = [];
  #savepoint = 0;

  /** The newest record that is durable (null: none is), or undefined when that is the newest there is. */
  get(runId: string): Run | null | undefined {
    return this.#undurable.get(runId)?.durable;
  }

  has(runId: string): boolean {
    return this.#undurable.has(runId);
  }

  /** For a change of the open batch. `before`: as it was; not asked for where `has` says that it is known. */
  note(run: Run, before: Run | null): void {
    this.#changes.push({ id: run.id, before, run });
  }

  flush(): void {}

  markSavepoint(): void {
    this.#savepoint = this.#changes.length;
  }

  committed(batch: number | null): void {
    const changes = this.#changes;
    this.#forgetChanges();
    if (batch === null || changes.length === 0) return;
    for (const { id, before, run } of changes) {
      const undurable = this.#undurable.get(id);
      if (undurable === undefined) this.#undurable.set(id, { durable: before, batch, run, later: null });
      else (undurable.later ??= []).push({ batch, run });
    }
    this.#batches.push({ batch, changes });
  }

  durable(batch: number): void {
    while (this.#batches[0] !== undefined && this.#batches[0].batch <= batch) {
      for (const { id } of this.#batches.shift()?.changes ?? []) this.#advance(id, batch);
    }
  }

  #advance(id: string, batch: number): void {
    const undurable = this.#undurable.get(id);
    if (undurable === undefined) return;
    while (undurable.batch <= batch) {
      const next = undurable.later?.shift();
      if (next === undefined) {
        this.#undurable.delete(id);
        return;
      }
      undurable.durable = undurable.run;
      undurable.batch = next.batch;
      undurable.run = next.run;
    }
  }

  undo(as: 'to savepoint' | 'all'): void {
    this.#changes.splice(as === 'all' ? 0 : this.#savepoint);
    if (as === 'all') this.#savepoint = 0;
  }

  reload(): void {
    this.#undurable.clear();
    this.#batches.length = 0;
    this.#forgetChanges();
  }

  #forgetChanges(): void {
    this.#changes = [];
    this.#savepoint = 0;
  }
}
