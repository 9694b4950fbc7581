import { listSchedules } from '../../../api/endpoints/schedules.js';
import type { ApiSchedule } from '../../../api/schedule-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import type { Colour } from '../../terminal/style.js';
import { organizationOption } from '../organizations/organization-option.js';

export const schedulesListCommand: CliCommand = {
  name: 'schedules list',
  summary: 'List the schedules, when each has its next time, and what became of the latest',
  options: [{ flags: '--workflow <id>', description: 'of this workflow' }, organizationOption],
  examples: ['errand schedules', 'errand schedules list --workflow weekly_report'],
  async run(context, given) {
    const query = {
      ...optional('workflow_id', given.text('workflow')),
      ...optional('organization', given.text('organization')),
    };
    const answer = await context.client().call(listSchedules, { query });
    if (context.json) context.printJson(answer);
    else if (answer.schedules.length === 0)
      context.note('There are no schedules. Make one: errand schedules create <workflow> --cron "0 9 * * MON"');
    else context.printLines(render(answer.schedules, context));
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

function colourOf(outcome: string | undefined): Colour | null {
  if (outcome === 'started') return 'green';
  return outcome === 'refused' ? 'red' : 'dim';
}
