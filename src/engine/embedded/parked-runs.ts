import type { Clock } from '../../core/ports/clock.js';

/** What is held of a run that nobody drives, because all that is left of it waits. */
export interface ParkedRun {
  readonly id: string;
  readonly organizationId: string;
  readonly workflowId: string;
  readonly ownWorkflow?: true;
  /** Epoch milliseconds; null when it does not go on by itself. */
  readonly wakeAt: number | null;
  /** As whose driver this process drives it. */
  readonly epoch: number;
}

interface Alarm {
  readonly at: number;
  readonly run: ParkedRun;
}

/** However long there is to wait, the clock is looked at this often: the machine may sleep, or be set. */
const MAX_TIMER_MS = 60_000;

/** Runs that wait for their time or for somebody: one timer for all of them, and a few words of memory for each. */
export class ParkedRuns {
  readonly #clock: Clock;
  readonly #onDue: (run: ParkedRun) => void;
  readonly #runs = new Map<string, ParkedRun>();
  /** A binary heap, the earliest first. Alarms of runs that were taken meanwhile stay in it until their time. */
  #alarms: Alarm[] = [];
  #cancelTimer: (() => void) | null = null;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(params: { readonly clock: Clock; readonly onDue: (run: ParkedRun) => void }) {
    this.#clock = params.clock;
    this.#onDue = params.onDue;
  }

  get size(): number {
    return this.#runs.size;
  }

  add(run: ParkedRun): void {
    this.#runs.set(run.id, run);
    if (run.wakeAt === null) return;
    this.#push({ at: run.wakeAt, run });
    this.#arm();
  }

  /** Hands the run over, which is then parked no more; null when it is not here. */
  take(id: string): ParkedRun | null {
    const run = this.#runs.get(id) ?? null;
    if (run === null) return null;
    this.#runs.delete(id);
    if (this.#alarms.length > 2 * this.#runs.size + 1_000) this.#forgetTaken();
    return run;
  }

  clear(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#runs.clear();
    this.#alarms = [];
  }

  #arm(): void {
    const first = this.#alarms[0];
    if (first === undefined || first.at >= this.#timerAt) return;
    this.#cancelTimer?.();
    const now = this.#clock.now();
    const delayMs = Math.min(Math.max(0, first.at - now), MAX_TIMER_MS);
    this.#timerAt = now + delayMs;
    this.#cancelTimer = this.#clock.schedule(delayMs, () => {
      this.#cancelTimer = null;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#wakeDue();
      this.#arm();
    });
  }

  #wakeDue(): void {
    const now = this.#clock.now();
    for (let first = this.#alarms[0]; first !== undefined && first.at <= now; first = this.#alarms[0]) {
      this.#pop();
      if (this.#runs.get(first.run.id) !== first.run) continue;
      this.#runs.delete(first.run.id);
      this.#onDue(first.run);
    }
  }

  #forgetTaken(): void {
    const kept = this.#alarms.filter(({ run }) => this.#runs.get(run.id) === run);
    this.#alarms = [];
    for (const alarm of kept) this.#push(alarm);
  }

  #push(alarm: Alarm): void {
    const heap = this.#alarms;
    let index = heap.push(alarm) - 1;
    for (let parent = (index - 1) >> 1; index > 0; index = parent, parent = (index - 1) >> 1) {
      const above = heap[parent];
      if (above === undefined || above.at <= alarm.at) break;
      heap[index] = above;
      heap[parent] = alarm;
    }
  }

  #pop(): void {
    const heap = this.#alarms;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const least =
        (heap[right]?.at ?? Number.POSITIVE_INFINITY) < (heap[left]?.at ?? Number.POSITIVE_INFINITY) ? right : left;
      const below = heap[least];
      if (below === undefined || below.at >= last.at) return;
      heap[index] = below;
      heap[least] = last;
      index = least;
    }
  }
}
