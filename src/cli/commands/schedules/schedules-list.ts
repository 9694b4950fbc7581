import { listSchedules } from '../../../api/endpoints/schedules.js';
import type { ApiSchedule } from '../../../api/schedule-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import type { Colour } from '../../terminal/style.js';
import { nextTimes, type ScheduleTime } from './next-times.js';
import { organizationOption } from '../organizations/organization-option.js';

export const schedulesListCommand: CliCommand = {
  name: 'schedules list',
  summary: 'List the schedules, what became of the latest time of each, and the next ten times of all',
  options: [{ flags: '--workflow <id>', description: 'of this workflow' }, organizationOption],
  examples: ['errand schedules', 'errand schedules list --workflow weekly_report'],
  async run(context, given) {
    const query = {
      ...optional('workflow_id', given.text('workflow')),
      ...optional('organization', given.text('organization')),
    };
    const { schedules } = await context.client().call(listSchedules, { query });
    const next = await nextTimes(context, { schedules, ...optional('organization', given.text('organization')) });
    if (context.json) {
      const times = next.map(({ schedule, at, starts_at }) => ({ schedule_id: schedule.id, at, starts_at }));
      context.printJson({ schedules, times });
    } else if (schedules.length === 0)
      context.note('There are no schedules. Make one: errand schedules create <workflow> --cron "0 9 * * MON"');
    else context.printLines([...render(schedules, context), ...renderNext(next, context)]);
    return EXIT.ok;
  },
};

function render(rows: readonly ApiSchedule[], context: CliContext): readonly string[] {
  return context.table<ApiSchedule>({
    columns: [
      { header: 'ID', value: ({ id }) => id },
      { header: 'NAME', value: ({ name }) => name, min: 8 },
      { header: 'WORKFLOW', value: ({ workflow_id }) => workflow_id, min: 8 },
      { header: 'TIMES', value: ({ cron, timezone }) => `${cron} ${timezone}`, optional: true },
      { header: 'NEXT', value: ({ enabled, next_at }) => (enabled ? context.time(next_at) : 'disabled') },
      {
        header: 'LATEST',
        value: ({ last }) => (last === null ? '-' : `${last.outcome} ${context.time(last.at)}`),
        colour: ({ last }) => colourOf(last?.outcome),
        optional: true,
      },
    ],
    rows,
  });
}

function renderNext(times: readonly ScheduleTime[], context: CliContext): readonly string[] {
  if (times.length === 0) return [];
  const rows = context.table<ScheduleTime>({
    columns: [
      { header: 'NEXT TIMES', value: ({ at }) => at },
      ...(context.width === null ? [] : [{ header: 'WHEN', value: ({ at }: ScheduleTime) => context.time(at) }]),
      { header: 'WORKFLOW', value: ({ schedule }) => schedule.workflow_id, min: 8 },
      { header: 'NAME', value: ({ schedule }) => schedule.name, min: 8 },
    ],
    rows: times,
  });
  return ['', ...rows];
}

function colourOf(outcome: string | undefined): Colour | null {
  if (outcome === 'started') return 'green';
  return outcome === 'refused' ? 'red' : 'dim';
}
