import { listScheduleTimes, previewSchedule } from '../../../api/endpoints/schedules.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';
import { readScheduleOptions, timingOptions } from './schedule-options.js';

export const schedulesTimesCommand: CliCommand = {
  name: 'schedules times',
  summary: 'List the next ten times of a schedule, or of a pattern before it is one',
  arguments: [{ name: '[id]', description: "the schedule's id; without it, --cron" }],
  options: [
    { flags: '--cron <pattern>', description: 'the times of this pattern' },
    ...timingOptions,
    organizationOption,
  ],
  examples: [
    'errand schedules times 0190b0c2-7f3a-7abc-8def-0123456789ab',
    'errand schedules times --cron "30 2 * * *" --timezone Europe/Berlin',
  ],
  async run(context, given) {
    const [id, cron] = [given.argument(0), given.text('cron')];
    const client = context.client();
    if ((id === '') === (cron === undefined))
      throw new UsageError("Name a schedule by its id, or give a pattern: --cron '0 9 * * MON'.");
    const answer =
      cron === undefined
        ? await client.call(listScheduleTimes, {
            path: { id },
            query: optional('organization', given.text('organization')),
          })
        : await client.call(previewSchedule, { body: { ...(await readScheduleOptions(context, given)), cron } });
    if (context.json) context.printJson(answer);
    else if (answer.times.length === 0) context.note('It has no times to come.');
    else context.printLines(answer.times.map(({ starts_at }) => starts_at));
    return EXIT.ok;
  },
};
