import { ErrandError } from '../../../core/errors.js';
import type { CommitOutcome, CommitRunParams, CommitVerdict } from '../../../core/ports/store/run-store.js';
import type { PostgresPool } from '../connection/pool.js';
import { writeCommits } from './write-commits.js';

interface Job {
  readonly params: CommitRunParams;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** So many commits share a transaction at most. */
const MAX_BATCH = 500;
/** So many transactions at once: while the one waits for the disk of the database, the other is written. */
const WRITERS = 2;

/**
 * Commits of runs that are asked for at the same time share a transaction. Where one of them cannot be written, its
 * batch is taken back and written in halves, so that it harms no other.
 */
export class GroupCommit {
  readonly #pool: PostgresPool;
  #queue: Job[] = [];
  readonly #free = Array.from({ length: WRITERS }, (_, shard) => shard);
  #isScheduled = false;
  #idle: (() => void)[] = [];

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  run(params: CommitRunParams): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ params, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves once nothing is queued or under way. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#free.length === WRITERS) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#free.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const shard = this.#queue.length === 0 ? undefined : this.#free.pop();
    if (shard === undefined) return;
    void this.#write(this.#take(), shard).finally(() => {
      this.#free.push(shard);
      if (this.#queue.length > 0) this.#schedule();
      else if (this.#free.length === WRITERS) for (const wake of this.#idle.splice(0)) wake();
    });
    if (this.#queue.length > 0) this.#schedule();
  }

  /**
   * A batch in which no run, no idempotency key and no child key is twice: what has to wait for another comes in a
   * later one.
   */
  #take(): Job[] {
    const batch: Job[] = [];
    const later: Job[] = [];
    const seen = new Set<string>();
    for (const job of this.#queue) {
      const names = batch.length < MAX_BATCH ? namesOf(job.params) : [];
      if (names.length === 0 || names.some((name) => seen.has(name))) {
        later.push(job);
        continue;
      }
      for (const name of names) seen.add(name);
      batch.push(job);
    }
    this.#queue = later;
    return batch;
  }

  async #write(batch: readonly Job[], shard: number): Promise<void> {
    let verdicts: readonly CommitVerdict[];
    try {
      const params = batch.map((job) => job.params);
      verdicts = await this.#pool.transaction((sql) => writeCommits(sql, params, shard));
    } catch (error) {
      // The database is away for all of them.
      if (batch.length === 1 || (error instanceof ErrandError && error.code === 'unavailable')) {
        for (const job of batch) job.reject(error);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await this.#write(batch.slice(0, half), shard);
      await this.#write(batch.slice(half), shard);
      return;
    }
    batch.forEach((job, index) => {
      const verdict = verdicts[index];
      if (verdict?.ok === true) job.resolve(verdict.outcome);
      else job.reject(verdict?.error);
    });
  }
}

function namesOf({ run, created, movement }: CommitRunParams): string[] {
  const names = [`run\0${run.id}`];
  if (movement !== null) names.push(`movement\0${movement.organizationId}\0${movement.id}`);
  if (created === null) return names;
  const { idempotency, childKey } = created;
  if (idempotency !== null) names.push(`key\0${run.organizationId}\0${idempotency.key}`);
  if (childKey !== null) names.push(`child\0${run.parent?.runId}\0${childKey}`);
  return names;
}
