import { ErrandError } from '../../../core/errors.js';
import { nextTurn } from '../../../core/event-loop.js';

/** What batches are committed to. `rollback` never throws; the others may. */
export interface BatchTarget {
  /** What to wait for before the next `begin`; null: nothing. Rejects when nothing can be committed just now. */
  ready(): Promise<void> | null;
  /** Resolves when all that is committed is durable, rejects when it never will be; null: it is. */
  durable(): Promise<void> | null;
  /** Grows with every change. */
  readonly writes: number;
  /** Set when a statement failed because of the file or the disk: whatever was written since `begin` is then lost. */
  readonly storageFailure: ErrandError | null;
  /** Forgets `storageFailure`. */
  begin(): void;
  /** Of so many works. */
  commit(works: number): void;
  rollback(): void;
  savepoint(): void;
  releaseSavepoint(): void;
  rollbackToSavepoint(): void;
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Awaited something foreign: it is not run again. */
  hung: ErrandError | null;
}

/** So many works share a commit at most; between batches the event loop gets a turn. */
const MAX_BATCH = 1_000;
/**
 * Where the disk takes longer than this, so many gather behind a sync that what all of them do next would hold the event
 * loop: some of them are told in a turn. On a fast disk all are, as what they ask for next is to share a batch.
 */
const SLOW_DISK_MS = 5;
const MAX_TOLD = 10;

/**
 * Commits concurrent transactions together, since a commit (a sync of the disk) costs far more than what it commits.
 *
 * Whoever asks within one turn of the event loop, or until the disk is ready for more, shares a batch: BEGIN, one work
 * after another, COMMIT, and only when that is durable is anybody told. Meanwhile the next batch may be committed.
 * Invariants:
 * 1. A work's outcome, good or bad, is told only when everything that it can have seen is durable.
 * 2. When a work throws after it wrote, the batch is rolled back and run once more with a savepoint around each work;
 *    the usual path has none.
 * 3. When the file or disk fails, all of the batch is rejected with that; the next batch starts afresh.
 * 4. A batch never outlives the turn of the event loop it started in: a work that awaits anything but the store is
 *    abandoned, as the program would otherwise stand still.
 */
export class GroupCommit {
  readonly #target: BatchTarget;
  #queue: Job[] = [];
  #scheduled = false;
  #open: Promise<void> | null = null;
  #abandonWork: ((error: ErrandError) => void) | null = null;
  #watchdog: NodeJS.Immediate | null = null;
  #idle: (() => void)[] = [];
  /** Batches that are committed, and whose works are told when they are durable. */
  #untold = 0;
  /** Batches of which some works are told by now. */
  readonly #telling = new Set<Promise<void>>();

  constructor(target: BatchTarget) {
    this.#target = target;
  }

  /** Ends when the batch that is open just now has ended; null when none is. */
  get open(): Promise<void> | null {
    return this.#open;
  }

  /** A work that awaits nothing may give its value itself, without a promise. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as Job['resolve'], reject, hung: null });
      this.#schedule();
    });
  }

  /** Resolves once nothing is queued or open. */
  async drain(): Promise<void> {
    if (this.#scheduled || this.#untold > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const ready = this.#target.ready();
    const unready = ready === null ? null : await this.#awaitReady(ready);
    const jobs = this.#queue.splice(0, MAX_BATCH);
    if (unready === null) await this.#flushBatch(jobs);
    else settleAll(jobs, unready);
    this.#scheduled = false;
    if (this.#queue.length > 0) this.#schedule();
    else this.#wakeIdle();
  }

  /** Null, or how all that is asked for ends when nothing can be committed. */
  async #awaitReady(first: Promise<void>): Promise<Outcome | null> {
    try {
      for (let ready: Promise<void> | null = first; ready !== null; ready = this.#target.ready()) {
        await ready;
        // What goes on now that the disk has caught up asks within this turn.
        await nextTurn();
        while (this.#telling.size > 0) await Promise.all(this.#telling);
      }
      return null;
    } catch (error) {
      return { ok: false, error };
    }
  }

  async #flushBatch(jobs: readonly Job[]): Promise<void> {
    let close: () => void = () => undefined;
    this.#open = new Promise((resolve) => (close = resolve));
    this.#watch();
    let outcomes: readonly Outcome[] | null = null;
    let failure: unknown;
    try {
      outcomes = await this.#commitTogether(jobs);
    } catch (error) {
      failure = error;
    }
    if (this.#watchdog !== null) clearImmediate(this.#watchdog);
    this.#open = null;
    close();
    if (outcomes === null) settleAll(jobs, { ok: false, error: failure });
    else this.#tell(jobs, outcomes);
  }

  #tell(jobs: readonly Job[], outcomes: readonly Outcome[]): void {
    const tell = (): void => jobs.forEach((job, index) => settle(job, outcomes[index]!));
    const durable = this.#target.durable();
    if (durable === null) {
      tell();
      return;
    }
    const from = performance.now();
    this.#untold += 1;
    const end = (tellAll: () => void): void => {
      this.#untold -= 1;
      tellAll();
      this.#wakeIdle();
    };
    durable.then(
      () => {
        if (jobs.length <= MAX_TOLD || performance.now() - from < SLOW_DISK_MS) return end(tell);
        const telling = tellInTurns(jobs, outcomes).then(() => {
          this.#telling.delete(telling);
          end(() => undefined);
        });
        this.#telling.add(telling);
      },
      (error: unknown) => end(() => settleAll(jobs, { ok: false, error })),
    );
  }

  #wakeIdle(): void {
    if (this.#scheduled || this.#untold > 0) return;
    for (const wake of this.#idle.splice(0)) wake();
  }

  async #commitTogether(jobs: readonly Job[]): Promise<readonly Outcome[]> {
    return (await this.#attempt(jobs, { isolated: false })) ?? (await this.#attempt(jobs, { isolated: true }))!;
  }

  /** Null when it was rolled back because a work threw after it wrote. */
  async #attempt(jobs: readonly Job[], { isolated }: { isolated: boolean }): Promise<readonly Outcome[] | null> {
    const target = this.#target;
    const outcomes: Outcome[] = [];
    try {
      target.begin();
      for (const job of jobs) {
        const writesBefore = target.writes;
        if (isolated) target.savepoint();
        const performed = this.#perform(job);
        const outcome = performed instanceof Promise ? await performed : performed;
        this.#abandonWork = null;
        if (target.storageFailure !== null) throw target.storageFailure;
        outcomes.push(outcome);
        if (isolated) {
          if (!outcome.ok) target.rollbackToSavepoint();
          target.releaseSavepoint();
        } else if (!outcome.ok && target.writes !== writesBefore) {
          target.rollback();
          return null;
        }
      }
      target.commit(jobs.length);
      return outcomes;
    } catch (error) {
      target.rollback();
      throw error;
    }
  }

  #perform(job: Job): Outcome | Promise<Outcome> {
    if (job.hung !== null) return { ok: false, error: job.hung };
    try {
      const value = job.work();
      return value instanceof Promise ? this.#until(job, value) : { ok: true, value };
    } catch (error) {
      return { ok: false, error };
    }
  }

  #until(job: Job, done: Promise<unknown>): Promise<Outcome> {
    return new Promise<Outcome>((resolve) => {
      this.#abandonWork = (error) => {
        job.hung = error;
        resolve({ ok: false, error });
      };
      done.then(
        (value) => resolve({ ok: true, value }),
        (error: unknown) => resolve({ ok: false, error }),
      );
    });
  }

  /** Fires in the next turn of the event loop, which a batch of store calls alone never reaches. */
  #watch(): void {
    this.#watchdog = setImmediate(() => {
      this.#abandonWork?.(
        new ErrandError(
          'internal',
          'A transaction was rolled back because its work awaited something other than the store it was given.',
        ),
      );
      this.#watch();
    });
  }
}

/** Others that have been waiting go on in between. */
async function tellInTurns(jobs: readonly Job[], outcomes: readonly Outcome[]): Promise<void> {
  for (const [index, job] of jobs.entries()) {
    if (index > 0 && index % MAX_TOLD === 0) await nextTurn();
    settle(job, outcomes[index]!);
  }
}

function settleAll(jobs: readonly Job[], outcome: Outcome): void {
  for (const job of jobs) settle(job, outcome);
}

function settle(job: Job, outcome: Outcome): void {
  if (outcome.ok) job.resolve(outcome.value);
  else job.reject(outcome.error);
}
