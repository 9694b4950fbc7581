/** Something kept in memory beside the file, which a batch may change before it is committed or taken back. */
export interface BatchParticipant {
  /** Writes what it holds back: before a savepoint, and before COMMIT. */
  flush(): void;
  markSavepoint(): void;
  /** `batch`: how the log knows it until it is durable; null: it is. */
  committed(batch: number | null): void;
  /** All up to this batch is durable. */
  durable?(batch: number): void;
  /** The batch is taken back, as far as its savepoint or wholly. */
  undo(as: 'to savepoint' | 'all'): void;
  /** Another connection has changed the file: what was read of it may be no more. */
  reload(): void;
}

/** Whatever a connection's tables keep in memory. Each joins where it is made, so that none can be forgotten. */
export class BatchParticipants {
  readonly #participants: BatchParticipant[] = [];

  join<T extends BatchParticipant>(participant: T): T {
    this.#participants.push(participant);
    return participant;
  }

  /** Those that joined later write through those that joined before. */
  flush(): void {
    for (let index = this.#participants.length - 1; index >= 0; index -= 1) this.#participants[index]?.flush();
  }

  markSavepoint(): void {
    for (const participant of this.#participants) participant.markSavepoint();
  }

  committed(batch: number | null): void {
    for (const participant of this.#participants) participant.committed(batch);
  }

  durable(batch: number): void {
    for (const participant of this.#participants) participant.durable?.(batch);
  }

  undo(as: 'to savepoint' | 'all'): void {
    for (const participant of this.#participants) participant.undo(as);
  }

  reload(): void {
    for (const participant of this.#participants) participant.reload();
  }
}
