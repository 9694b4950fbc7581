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

/** Commits of one kind that share transactions. */
interface Lane {
  queue: Job[];
  /** How many of its transactions are under way. */
  writing: number;
}

/**
 * Commits of runs that are asked for at the same time share a transaction. Where one of them cannot be written, its
 * batch is taken back and written in halves, so that it harms no other.
 *
 * Those that move credits go by themselves, one transaction at a time: they wait for the accounts, which the processes
 * lock in turn, and no other commit has to wait with them.
 */
export class GroupCommit {
  readonly #pool: PostgresPool;
  readonly #credits: Lane = { queue: [], writing: 0 };
  readonly #others: Lane = { queue: [], writing: 0 };
  readonly #free = Array.from({ length: WRITERS }, (_, shard) => shard);
  #isScheduled = false;
  #idle: (() => void)[] = [];

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  run(params: CommitRunParams): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      const lane = params.movement === null ? this.#others : this.#credits;
      lane.queue.push({ params, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves once nothing is queued or under way. */
  async drain(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get #isIdle(): boolean {
    return [this.#credits, this.#others].every(({ queue, writing }) => queue.length === 0 && writing === 0);
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
    if (this.#credits.writing === 0) this.#start(this.#credits);
    const isAlone = this.#credits.writing === 0 && this.#credits.queue.length === 0;
    for (let most = isAlone ? WRITERS : 1; this.#others.writing < most;) if (!this.#start(this.#others)) return;
  }

  /** Whether there was something to write, and a writer for it. */
  #start(lane: Lane): boolean {
    const shard = lane.queue.length === 0 ? undefined : this.#free.pop();
    if (shard === undefined) return false;
    lane.writing += 1;
    void this.#write(takeBatch(lane), shard).finally(() => {
      lane.writing -= 1;
      this.#free.push(shard);
      this.#schedule();
      if (this.#isIdle) for (const wake of this.#idle.splice(0)) wake();
    });
    return true;
  }

  async #write(batch: readonly Job[], shard: number): Promise<void> {
    let verdicts: readonly CommitVerdict[];
    try {
      const params = batch.map((job) => job.params);
      verdicts = await this.#pool.commit((sql, conclude) => writeCommits(sql, params, shard, conclude));
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

/**
 * Those of its commits of which no run, no idempotency key and no child key is twice: what has to wait for another comes
 * in a later batch.
 */
function takeBatch(lane: Lane): Job[] {
  const batch: Job[] = [];
  const later: Job[] = [];
  const seen = new Set<string>();
  for (const job of lane.queue) {
    const names = batch.length < MAX_BATCH ? namesOf(job.params) : [];
    if (names.length === 0 || names.some((name) => seen.has(name))) {
      later.push(job);
      continue;
    }
    for (const name of names) seen.add(name);
    batch.push(job);
  }
  lane.queue = later;
  return batch;
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
