import { call, type Caller } from '../client.js';
import type { Random } from '../random.js';

/** A call that is about no single run: sent until it has an answer, with the same key. */
export interface OtherCall {
  readonly kind: 'top_up' | 'bulk_job';
  readonly key: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  busy: boolean;
  /** Of the bulk job; null until one is told. */
  jobId: string | null;
  isAcknowledged: boolean;
}

const PER_JOB = 4;

/** Top-ups of the organization, and bulk jobs that cancel some runs. */
export class OtherCalls {
  readonly all: OtherCall[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get open(): number {
    return this.all.filter(({ isAcknowledged }) => !isAcknowledged).length;
  }

  /** One that has no answer yet, or now and then one that has, which is to change nothing. */
  again(): OtherCall | undefined {
    const isSentAgain = this.#random.chance(0.05);
    return this.all.find(({ busy, isAcknowledged }) => !busy && (isSentAgain || !isAcknowledged));
  }

  /** `underWay`: the runs that a job may cancel. */
  order(underWay: readonly string[]): OtherCall {
    const key = `other-${this.all.length + 1}`;
    const place = this.#random.below(Math.max(1, underWay.length - PER_JOB));
    const runs = underWay.slice(place, place + PER_JOB).map((run) => `run_${run}`);
    const made = { key, busy: false, jobId: null, isAcknowledged: false };
    const other: OtherCall =
      runs.length === 0 || this.all.length % 2 === 0
        ? {
            ...made,
            kind: 'top_up',
            path: '/organizations/default/top-ups',
            body: { credits: 1 + this.#random.below(100), reason: 'chaos', idempotency_key: key },
          }
        : {
            ...made,
            kind: 'bulk_job',
            path: '/bulk-jobs',
            body: { action: 'cancel', filter: { run_ids: runs }, reason: 'chaos', idempotency_key: key },
          };
    this.all.push(other);
    return other;
  }

  async send(server: Caller, other: OtherCall): Promise<void> {
    other.busy = true;
    try {
      const answer = (await call(server, other.path, { method: 'POST', body: other.body })) as { id?: string };
      other.isAcknowledged = true;
      if (other.kind === 'bulk_job') other.jobId ??= answer.id ?? null;
    } finally {
      other.busy = false;
    }
  }
}
