import { createSchedule } from '../../../api/endpoints/schedules.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';
import { readScheduleOptions, settingOptions, timingOptions } from './schedule-options.js';

export const schedulesCreateCommand: CliCommand = {
  name: 'schedules create',
  summary: 'Make a schedule, which starts runs of a workflow at times',
  arguments: [{ name: '<workflow>', description: "the workflow's id" }],
  options: [
    { flags: '--cron <pattern>', description: 'five fields, six with seconds first, or @hourly, @daily, @weekly, …' },
    { flags: '--name <name>', description: 'what people call it (default: the workflow and the pattern)' },
    ...timingOptions,
    ...settingOptions,
    organizationOption,
  ],
  examples: [
    'errand schedules create weekly_report --cron "0 9 * * MON" --timezone Europe/Berlin',
    `errand schedules create site_checkup --cron @daily --input '{"url": "https://example.com"}' --catch-up last`,
  ],
  async run(context, given) {
    const workflow_id = given.argument(0);
    const cron = given.text('cron');
    if (cron === undefined) throw new UsageError('Say when: --cron "0 9 * * MON".');
    const schedule = await context.client().call(createSchedule, {
      body: {
        ...(await readScheduleOptions(context, given)),
        name: given.text('name') ?? `${workflow_id} ${cron}`,
        workflow_id,
        cron,
        ...optional('organization', given.text('organization')),
      },
    });
    if (context.json) context.printJson(schedule);
    else if (context.width === null) context.print(schedule.id);
    else context.print(`Made the schedule ${schedule.id}; its next time is ${schedule.next_at ?? 'never'}.`);
    return EXIT.ok;
  },
};
