import type { Run } from '../../../core/run/run.js';
import type { BatchParticipant } from '../connection/batch-participants.js';

interface Change {
  readonly id: string;
  /** As it was before; null: there was none. */
  readonly before: Run | null;
  readonly run: Run;
}

interface Undurable {
  durable: Run | null;
  /** Of batches that are not durable, oldest first. */
  readonly newer: { readonly batch: number; readonly run: Run }[];
}

/**
 * The runs whose newest records are committed but may not be on disk yet, with the newest ones that are. Readers are
 * shown the latter: a power cut takes back nothing that anybody has seen.
 */
export class DurableRuns implements BatchParticipant {
  readonly #undurable = new Map<string, Undurable>();
  /** The ids that each batch changed which is not durable. */
  #batches: { readonly batch: number; readonly ids: readonly string[] }[] = [];
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

  /** For a change of the open batch. `before` is asked only where it is not known. */
  note({ id, before, run }: { readonly id: string; readonly before: () => Run | null; readonly run: Run }): void {
    this.#changes.push({ id, before: this.#undurable.has(id) ? null : before(), run });
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
      let undurable = this.#undurable.get(id);
      if (undurable === undefined) this.#undurable.set(id, (undurable = { durable: before, newer: [] }));
      undurable.newer.push({ batch, run });
    }
    this.#batches.push({ batch, ids: changes.map(({ id }) => id) });
  }

  durable(batch: number): void {
    const done = this.#batches.filter((one) => one.batch <= batch);
    this.#batches = this.#batches.slice(done.length);
    for (const id of done.flatMap(({ ids }) => ids)) this.#advance(id, batch);
  }

  #advance(id: string, batch: number): void {
    const undurable = this.#undurable.get(id);
    if (undurable === undefined) return;
    const { newer } = undurable;
    while (newer[0] !== undefined && newer[0].batch <= batch) undurable.durable = newer.shift()?.run ?? null;
    if (newer.length === 0) this.#undurable.delete(id);
  }

  undo(as: 'to savepoint' | 'all'): void {
    this.#changes.splice(as === 'all' ? 0 : this.#savepoint);
    if (as === 'all') this.#savepoint = 0;
  }

  reload(): void {
    this.#undurable.clear();
    this.#batches = [];
    this.#forgetChanges();
  }

  #forgetChanges(): void {
    this.#changes = [];
    this.#savepoint = 0;
  }
}
