import type { Clock } from '../../../core/ports/clock.js';
import type { Run } from '../../../core/run/run.js';
import type { Notifier } from '../../contract/call-context.js';
import { computePercent } from '../views/poll-advice.js';
import { MIN_INTERVAL_MS } from './throttle.js';

/** A client whose patience is renewed by each report hears this often that the run is alive. */
const HEARTBEAT_MS = 5_000;

/** Reports on a run while somebody waits for it: when it has changed, and every few seconds when it has not. */
export class ProgressReports {
  readonly #notify: Notifier;
  readonly #clock: Clock;
  readonly #describe: (run: Run) => Promise<string>;
  #run: Run;
  #changed = false;
  #last = -1;
  #resting = false;
  #isStopped = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: {
    readonly run: Run;
    readonly notify: Notifier;
    readonly clock: Clock;
    readonly describe: (run: Run) => Promise<string>;
  }) {
    this.#run = options.run;
    this.#describe = options.describe;
    this.#notify = options.notify;
    this.#clock = options.clock;
    this.#report();
  }

  take(run: Run): void {
    this.#run = run;
    if (this.#resting) this.#changed = true;
    else this.#report();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  #report(): void {
    this.#cancelTimer();
    this.#changed = false;
    this.#resting = true;
    // Each report must be higher than the one before, also where the run has come no further.
    const percent = computePercent(this.#run);
    const progress = percent > this.#last ? percent : this.#last + (100 - this.#last) / 1_000;
    this.#last = progress;
    void this.#send(this.#run, progress);
    this.#cancelTimer = this.#clock.schedule(MIN_INTERVAL_MS, () => {
      this.#resting = false;
      if (this.#changed) this.#report();
      else this.#cancelTimer = this.#clock.schedule(HEARTBEAT_MS - MIN_INTERVAL_MS, () => this.#report());
    });
  }

  async #send(run: Run, progress: number): Promise<void> {
    // A report that the run is alive is worth more than its words.
    const message = await this.#describe(run).catch(() => null);
    if (!this.#isStopped) this.#notify.progress({ progress, total: 100, ...(message === null ? {} : { message }) });
  }
}
