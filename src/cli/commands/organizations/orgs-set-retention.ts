import { updateOrganization } from '../../../api/endpoints/organizations.js';
import { parseDuration } from '../../../core/time/duration.js';
import { ENDED_STATUSES, MAX_KEEP_FOR_MS, MAX_KEPT_RUNS } from '../../../core/run/retention.js';
import type { ApiOrganization, ApiRetention } from '../../../api/api-types.js';
import type { CliCommand, GivenOptions } from '../../command/command.js';
import { wholeNumber } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const orgsSetRetentionCommand: CliCommand = {
  name: 'orgs set-retention',
  summary: "Set how long an organization's ended runs are kept",
  details:
    'Needs a key with the scope operate. A run goes when it is older than --keep-for, or when there are more than --keep newer ones of its status; its credit movements stay. ' +
    '"forever" and "all" lift a bound. --default goes back to what the server\'s settings say, of all statuses or of the one that is named.',
  arguments: [{ name: '<slug>', description: 'the organization' }],
  options: [
    { flags: '--keep-for <time>', description: 'how long, such as 30d or 12h, or forever' },
    { flags: '--keep <number>', description: 'how many of each status, or all' },
    {
      flags: '--status <status>',
      description: 'for runs of this status only',
      choices: [...ENDED_STATUSES],
    },
    { flags: '--default', description: "as the server's settings say" },
  ],
  examples: [
    'errand orgs set-retention acme --keep-for 30d --keep 10000',
    'errand orgs set-retention acme --status failed --keep-for 90d',
  ],
  async run(context, given) {
    const status = (given.text('status') ?? 'all') as keyof ApiRetention;
    const rule = readRule(given);
    const retention = rule === null && status === 'all' ? null : { [status]: rule };
    const organization = await context.client().call(updateOrganization, {
      path: { slug: given.argument(0) },
      body: { retention },
    });
    if (context.json) context.printJson(organization);
    else context.printLines(describe(organization));
    return EXIT.ok;
  },
};

function readRule(given: GivenOptions): NonNullable<ApiRetention['all']> | null {
  const [time, count] = [given.text('keepFor'), given.text('keep')];
  const rule = {
    ...(time === undefined ? {} : { keep_for_seconds: time === 'forever' ? null : readSeconds(time) }),
    ...(count === undefined
      ? {}
      : { keep: count === 'all' ? null : wholeNumber(count, '--keep', { min: 0, max: MAX_KEPT_RUNS }) }),
  };
  const isDefault = given.flag('default');
  if (isDefault === Object.keys(rule).length > 0) {
    throw new UsageError('Give --keep-for or --keep, or --default.');
  }
  return isDefault ? null : rule;
}

function readSeconds(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null || milliseconds > MAX_KEEP_FOR_MS) {
    throw new UsageError(`--keep-for must be a time such as 30d or 12h, at most 36500d, or forever; it is '${text}'.`);
  }
  return Math.round(milliseconds / 1_000);
}

function describe({ slug, retention }: ApiOrganization): string[] {
  const rules = Object.entries(retention);
  if (rules.length === 0) return [`${slug}: runs are kept as the server's settings say.`];
  return rules.map(([status, { keep_for_seconds: seconds, keep }]) => {
    const told = [
      ...(seconds === undefined ? [] : [seconds === null ? 'forever' : `for ${showTime(seconds)}`]),
      ...(keep === undefined ? [] : [keep === null ? 'any number' : `${keep} at most`]),
    ];
    return `${slug}: ${status === 'all' ? 'ended' : status} runs are kept ${told.join(', ')}.`;
  });
}

function showTime(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds} s`;
}
