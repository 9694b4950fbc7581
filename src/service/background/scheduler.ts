import { errorMessage, isErrandError } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import { Looks } from '../use-case/looks.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Store } from '../../core/ports/store/store.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import { type LastTime, MAX_CAUGHT_UP, type NextTime, type Schedule } from '../../core/schedules/schedule.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { ScheduleServices } from '../interface/schedules.js';
import type { Services } from '../interface/services.js';
import { jitterOf, ScheduleTimes } from '../../workflow/schedules/schedule-times.js';

export interface SchedulerOptions {
  readonly store: Pick<Store, 'schedules' | 'runs'>;
  readonly services: Pick<Services, 'runWorkflow' | 'cancelRun'> & Pick<ScheduleServices, 'onSchedulesChanged'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A time that is further past was missed: no server was there. */
const MISSED_AFTER_MS = 60_000;
/** When a time is looked at again that has to wait: for the run before, or for a server that cannot write just now. */
const AGAIN_MS = 1_000;
/** Schedules that other processes make are found by then. */
const MAX_LOOK_MS = 10_000;
const PER_LOOK = 100;

/**
 * Starts runs at the times of schedules. A time is a run with an idempotency key of the schedule and the moment, and
 * the schedule goes on to its next time afterwards: whatever dies in between, the time comes to one run.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #looks: Looks;
  #unsubscribe: () => void = () => undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#looks = new Looks({ clock: options.clock, look: () => this.#lookOnce() });
  }

  start(): void {
    this.#unsubscribe = this.#options.services.onSchedulesChanged(() => this.#looks.now());
    this.#looks.now();
  }

  /** Resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#looks.stop();
  }

  /** Deals with all that is due; gives how long nothing will be. */
  async #lookOnce(): Promise<number> {
    const { store, clock, logger } = this.#options;
    try {
      for (;;) {
        const due = await store.schedules.listDue({ at: clock.now(), limit: PER_LOOK });
        await Promise.all(due.map((schedule) => this.#deal(schedule)));
        if (due.length < PER_LOOK || this.#looks.isStopped) break;
      }
      const next = await store.schedules.findNextDue();
      return next === null ? MAX_LOOK_MS : Math.min(MAX_LOOK_MS, Math.max(0, next - clock.now()));
    } catch (error) {
      logger.error({ error: errorMessage(error) }, 'Schedules could not be looked at; trying again');
      return AGAIN_MS;
    }
  }

  async #deal(schedule: Schedule): Promise<void> {
    const { next } = schedule;
    if (next === null) return;
    try {
      await this.#dealWith(schedule, next);
    } catch (error) {
      const { id, organizationId } = schedule;
      const fields = { organization: organizationId, schedule: id, error: errorMessage(error) };
      this.#options.logger.error(fields, 'A run could not be started at its time; trying again');
      await this.#postpone(schedule, next);
    }
  }

  async #dealWith(schedule: Schedule, next: NextTime): Promise<void> {
    const { clock } = this.#options;
    const times = new ScheduleTimes(schedule);
    const previous = await this.#findPrevious(schedule);
    const isUnderWay = previous !== null && !isTerminal(previous.status);
    if (isUnderWay && schedule.overlap === 'queue') return this.#postpone(schedule, next);
    const moment = this.#momentOf({ schedule, times, next, previous });
    if (moment === null) return this.#advance(schedule, { next: times.next(clock.now()), outcome: 'missed' });
    if (isUnderWay && schedule.overlap === 'skip')
      return this.#advance(schedule, { next: times.next(moment), outcome: 'skipped' });
    if (isUnderWay) await this.#cancel(schedule, previous);
    const started = await this.#start(schedule, moment);
    await this.#advance(schedule, { next: times.next(moment), moment, ...started });
  }

  /** The time that a run is to be started for; null for none. */
  #momentOf(params: {
    readonly schedule: Schedule;
    readonly times: ScheduleTimes;
    readonly next: NextTime;
    readonly previous: Run | null;
  }): number | null {
    const { schedule, times, next, previous } = params;
    const now = this.#options.clock.now();
    const latest = (count: number): readonly number[] => times.upTo(now, { since: next.moment, count });
    // What waited for the run before was not missed: of the times that came meanwhile, the latest counts.
    if (schedule.overlap === 'queue' && (previous?.completedAt ?? 0) > next.moment)
      return latest(1).at(-1) ?? next.moment;
    if (now - next.moment - jitterOf(next.moment, schedule) <= MISSED_AFTER_MS) return next.moment;
    if (schedule.catchUp === 'none') return null;
    return (schedule.catchUp === 'last' ? latest(1).at(-1) : latest(MAX_CAUGHT_UP)[0]) ?? next.moment;
  }

  async #findPrevious({ organizationId, last }: Schedule): Promise<Run | null> {
    if (last?.runId === undefined || last.runId === null) return null;
    return this.#options.store.runs.get({ organizationId, runId: last.runId });
  }

  async #cancel(schedule: Schedule, run: Run): Promise<void> {
    const reason = `its schedule "${schedule.name}" has its next time`;
    // One that has ended meanwhile is as good.
    await this.#options.services.cancelRun(callerOf(schedule), { runId: run.id, reason }).catch((error: unknown) => {
      if (!isErrandError(error) || (error.code !== 'conflict' && error.code !== 'not_found')) throw error;
    });
  }

  async #start(schedule: Schedule, moment: number): Promise<Pick<LastTime, 'outcome' | 'runId' | 'message'>> {
    const { store, services, logger } = this.#options;
    const { id, organizationId, workflowId, input } = schedule;
    const key = `schedule ${id} ${new Date(moment).toISOString()}`;
    // A run that was started before the process died: whatever the schedule says by now.
    const earlier = await store.runs.findByIdempotencyKey({ organizationId, key });
    if (earlier !== null) return { outcome: 'started', runId: earlier.run.id, message: null };
    try {
      const { run } = await services.runWorkflow(callerOf(schedule), { workflowId, input, idempotencyKey: key });
      return { outcome: 'started', runId: run.id, message: null };
    } catch (error) {
      if (!isErrandError(error) || error.code === 'unavailable' || error.code === 'internal') throw error;
      const { message } = error;
      logger.warn({ organization: organizationId, schedule: id, error: message }, 'A schedule could start no run');
      return { outcome: 'refused', runId: schedule.last?.runId ?? null, message };
    }
  }

  async #advance(
    schedule: Schedule,
    params: Pick<LastTime, 'outcome'> & Partial<LastTime> & { readonly next: NextTime | null },
  ): Promise<void> {
    const { id, organizationId, last } = schedule;
    const { next, outcome, runId = last?.runId ?? null, message = null } = params;
    // The time that the schedule stood at, whichever the run was started for.
    const moment = schedule.next?.moment ?? 0;
    const at = this.#options.clock.now();
    await this.#options.store.schedules.advance({
      id,
      organizationId,
      moment,
      next,
      last: { moment: params.moment ?? moment, at, outcome, runId, message },
    });
  }

  async #postpone({ id, organizationId }: Schedule, { moment }: NextTime): Promise<void> {
    const { store, clock } = this.#options;
    await store.schedules.postpone({ id, organizationId, moment, dueAt: clock.now() + AGAIN_MS });
  }
}

/** Who starts the runs of a schedule: nobody's key, in its organization. */
function callerOf({ organizationId }: Schedule): Principal {
  return { organizationId, keyId: null, scopes: ['read', 'run'] };
}
