import { deleteSchedule, updateSchedule } from '../../../api/endpoints/schedules.js';
import type { ApiScheduleFields } from '../../../api/schedule-types.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type GivenOptions, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';
import { readScheduleOptions, settingOptions, timingOptions } from './schedule-options.js';

const ID = [{ name: '<id>', description: "the schedule's id, as `errand schedules` lists it" }];

export const schedulesUpdateCommand: CliCommand = {
  name: 'schedules update',
  summary: 'Change a schedule; what is not given stays',
  arguments: ID,
  options: [
    { flags: '--cron <pattern>', description: 'other times' },
    { flags: '--name <name>', description: 'another name' },
    { flags: '--workflow <id>', description: 'another workflow' },
    ...timingOptions,
    ...settingOptions,
    organizationOption,
  ],
  examples: ['errand schedules update 0190b0c2-7f3a-7abc-8def-0123456789ab --cron "0 7 * * MON-FRI"'],
  async run(context, given) {
    const changes = {
      ...(await readScheduleOptions(context, given)),
      ...optional('cron', given.text('cron')),
      ...optional('name', given.text('name')),
      ...optional('workflow_id', given.text('workflow')),
    };
    if (Object.keys(changes).length === 0)
      throw new UsageError('Say what to change, for example --cron "0 7 * * MON".');
    return change(context, given, changes);
  },
};

export const schedulesDisableCommand: CliCommand = {
  name: 'schedules disable',
  summary: 'Let a schedule start nothing until it is enabled again',
  arguments: ID,
  options: [organizationOption],
  examples: ['errand schedules disable 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  run: (context, given) => change(context, given, { enabled: false }),
};

export const schedulesEnableCommand: CliCommand = {
  name: 'schedules enable',
  summary: 'Enable a schedule: its next time is the first from now on',
  arguments: ID,
  options: [organizationOption],
  examples: ['errand schedules enable 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  run: (context, given) => change(context, given, { enabled: true }),
};

export const schedulesDeleteCommand: CliCommand = {
  name: 'schedules delete',
  summary: 'Delete a schedule; runs that it has started go on',
  arguments: ID,
  options: [organizationOption],
  examples: ['errand schedules delete 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  async run(context, given) {
    const id = given.argument(0);
    const query = optional('organization', given.text('organization'));
    await context.client().call(deleteSchedule, { path: { id }, query });
    if (context.json) context.printJson({ id, deleted: true });
    else context.print(`Deleted the schedule ${id}.`);
    return EXIT.ok;
  },
};

async function change(context: CliContext, given: GivenOptions, changes: Partial<ApiScheduleFields>): Promise<number> {
  const body = { ...changes, ...optional('organization', given.text('organization')) };
  const schedule = await context.client().call(updateSchedule, { path: { id: given.argument(0) }, body });
  if (context.json) context.printJson(schedule);
  else if (!schedule.enabled) context.print(`The schedule ${schedule.name} is disabled.`);
  else context.print(`The next time of ${schedule.name} is ${schedule.next_at ?? 'never'}.`);
  return EXIT.ok;
}
