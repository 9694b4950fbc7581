import { Cron } from 'croner';
import { MAX_CRON_LENGTH, type NextTime, type Timing } from '../../core/schedules/schedule.js';
import type { Problem } from '../../core/errors.js';
import { shorten } from '../../core/text/cut-text.js';

/**
 * The times that a schedule has. Where clocks go forward, a time of day that does not exist counts at the first moment
 * that does; where they go back, one that comes twice counts once. Of patterns with `*` or a step among seconds,
 * minutes or hours, what does not exist is left out, and what comes twice counts twice: they mean intervals.
 */
export class ScheduleTimes {
  readonly #cron: Cron;
  readonly #timing: Timing;

  /** Throws for a timing that `findTimingProblems` finds fault with. */
  constructor(timing: Timing) {
    this.#timing = timing;
    const bounds = {
      ...(timing.startsAt === null ? {} : { startAt: new Date(timing.startsAt) }),
      ...(timing.endsAt === null ? {} : { stopAt: new Date(timing.endsAt) }),
    };
    this.#cron = parse(timing, bounds);
  }

  /** The first after a moment; null when there is none. */
  after(moment: number): number | null {
    return this.#cron.nextRun(new Date(moment))?.getTime() ?? null;
  }

  /** The first ones after a moment, with when they are due. */
  list(moment: number, count: number): NextTime[] {
    return this.#cron.nextRuns(count, new Date(moment)).map((time) => this.#due(time.getTime()));
  }

  /** The last ones up to a moment, the oldest first; none before `since`. */
  upTo(moment: number, { since, count }: { readonly since: number; readonly count: number }): number[] {
    // What comes before is asked for; a time that is the moment itself counts, too.
    return this.#cron
      .previousRuns(count, new Date(moment + 1_000))
      .map((time) => time.getTime())
      .filter((time) => time <= moment && time >= since)
      .toSorted((a, b) => a - b);
  }

  /** The first after a moment, with when it is due; null when there is none. */
  next(moment: number): NextTime | null {
    const time = this.after(moment);
    return time === null ? null : this.#due(time);
  }

  #due(moment: number): NextTime {
    return { moment, dueAt: moment + jitterOf(moment, this.#timing) };
  }
}

/** The same for the same time, so that whoever works it out comes to the same. */
export function jitterOf(moment: number, { cron, jitterMs }: Timing): number {
  if (jitterMs === 0) return 0;
  let hash = 2_166_136_261;
  for (const char of `${cron} ${moment}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619);
  return Math.floor(((hash >>> 0) / 2 ** 32) * jitterMs);
}

/** What is wrong with a timing: of each field, what to write instead. */
export function findTimingProblems(timing: Timing): Problem[] {
  const zone = findZoneProblem(timing.timezone);
  const cron = findCronProblem(zone === null ? timing : { ...timing, timezone: 'UTC' });
  const problems: Problem[] = [];
  if (cron !== null) problems.push({ path: '/cron', message: cron });
  if (zone !== null) problems.push({ path: '/timezone', message: zone });
  const { startsAt, endsAt } = timing;
  if (startsAt !== null && endsAt !== null && endsAt <= startsAt)
    problems.push({ path: '/ends_at', message: 'must be after starts_at' });
  return problems;
}

const HOW =
  'must be five fields (minute, hour, day of the month, month, day of the week), six with seconds first, or one of @hourly, @daily, @weekly, @monthly, @yearly';

function findCronProblem(timing: Timing): string | null {
  const { cron } = timing;
  if (cron.length > MAX_CRON_LENGTH) return `must have at most ${MAX_CRON_LENGTH} characters`;
  // The library takes single moments as well.
  if (!/^(@[a-z]+|\S+(\s+\S+){4,5})$/.test(cron.trim())) return HOW;
  try {
    return parse(timing, {}).nextRun(new Date(0)) === null ? 'has no times at all' : null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : String(error);
    return `${HOW}: ${shorten(reason, 200)}`;
  }
}

function findZoneProblem(timezone: string): string | null {
  const how = 'must be a name of the IANA time zone database, such as Europe/Berlin or UTC';
  // Offsets are taken by newer programs alone, and know no summer time.
  if (!/^[A-Za-z][\w/+-]{0,63}$/.test(timezone)) return how;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }) instanceof Intl.DateTimeFormat ? null : how;
  } catch {
    return how;
  }
}

const parse = ({ cron, timezone }: Timing, bounds: object): Cron =>
  new Cron(cron.trim(), { paused: true, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard', timezone, ...bounds });
