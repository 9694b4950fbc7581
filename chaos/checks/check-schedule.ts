import { MAX_CAUGHT_UP } from '../../src/core/schedules/schedule.js';
import { TIMED } from '../load/workload.js';
import { PERIOD_MS } from '../world/world.js';
import type { Evidence } from './check.js';
import { groupBy } from './group-by.js';
import type { Verdict } from './verdict.js';

/** That each time of the schedule, from its first on, has started one run, whatever died at that moment. */
export function checkSchedule(verdict: Verdict, { world, records }: Evidence): void {
  const { from, to, readAt, firings } = world;
  verdict.hold('schedules come to their times', to > readAt, () => `at ${tell(readAt)} it stood at ${tell(to)}`);
  const inOrder = firings.toSorted((a, b) => a.moment - b.moment);
  // A schedule that is further behind catches up on its latest times only.
  const isLeftOut = (moment: number): boolean => {
    const next = inOrder.find((firing) => firing.moment > moment)?.run ?? '';
    const at = Date.parse(records.runs.get(next)?.record.created_at ?? '');
    return at - moment > MAX_CAUGHT_UP * PERIOD_MS;
  };
  const byMoment = groupBy(firings, ({ moment }) => `${moment}`);
  for (let moment = from; moment < to; moment += PERIOD_MS)
    verdict.hold(
      'times of schedules started a run',
      byMoment.has(`${moment}`) || isLeftOut(moment),
      () => `none was started for ${tell(moment)}`,
    );
  for (const [moment, runs] of byMoment)
    verdict.hold(
      'times of schedules started one run',
      runs.length === 1 && (Number(moment) - from) % PERIOD_MS === 0,
      () => `${tell(Number(moment))} started ${runs.map(({ run }) => run).join(', ')}`,
    );
  const known = new Set(firings.map(({ run }) => run));
  for (const { run, record } of records.runs.values())
    if (record.workflow_id === TIMED)
      verdict.hold('runs of schedules are of one of its times', known.has(run), () => `${run} is of none`);
  for (const run of known) verdict.hold('runs of schedules are there', records.runs.has(run), () => `${run} is lost`);
}

function tell(moment: number): string {
  return Number.isNaN(moment) ? 'no time' : new Date(moment).toISOString();
}
