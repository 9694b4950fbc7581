import { listScheduleTimes } from '../../../api/endpoints/schedules.js';
import type { ApiNextTime, ApiSchedule } from '../../../api/schedule-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { optional } from '../../command/command.js';

const SHOWN = 10;

export interface ScheduleTime extends ApiNextTime {
  readonly schedule: ApiSchedule;
}

/**
 * The next ten times of all these schedules together, soonest first. A schedule that has one of them also has one of
 * the ten soonest next times, so no more than ten schedules are asked.
 */
export async function nextTimes(
  context: CliContext,
  params: { readonly schedules: readonly ApiSchedule[]; readonly organization?: string },
): Promise<readonly ScheduleTime[]> {
  const soonest = params.schedules
    .flatMap((schedule) => (schedule.enabled && schedule.next_at !== null ? [{ schedule, at: schedule.next_at }] : []))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .slice(0, SHOWN);
  const client = context.client();
  const times = await Promise.all(
    soonest.map(async ({ schedule }) => {
      const query = { limit: SHOWN, ...optional('organization', params.organization) };
      const answer = await client.call(listScheduleTimes, { path: { id: schedule.id }, query });
      return answer.times.map((time) => ({ ...time, schedule }));
    }),
  );
  return times
    .flat()
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .slice(0, SHOWN);
}
