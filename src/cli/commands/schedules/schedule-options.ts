import type { ApiScheduleFields } from '../../../api/schedule-types.js';
import { CATCH_UPS, OVERLAPS } from '../../../core/schedules/schedule.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliOption, type GivenOptions, optional } from '../../command/command.js';
import { readInput } from '../../command/read-input.js';
import { parseMoment } from '../../terminal/human-time.js';
import { UsageError } from '../../terminal/usage-error.js';

export const timingOptions: readonly CliOption[] = [
  { flags: '--timezone <zone>', description: 'a name of the IANA time zone database: Europe/Berlin (default: UTC)' },
  { flags: '--jitter <seconds>', description: 'start up to so many seconds later' },
  { flags: '--starts <when>', description: 'no time before it counts: a date or a time' },
  { flags: '--ends <when>', description: 'no time from it on counts: a date or a time' },
];

export const settingOptions: readonly CliOption[] = [
  { flags: '--input <json>', description: "the runs' input: JSON, @file, or - for standard input" },
  {
    flags: '--overlap <what>',
    description: 'what happens while the run before is under way (default: skip)',
    choices: OVERLAPS,
  },
  {
    flags: '--catch-up <which>',
    description: 'which times are made up for that passed while no server was there (default: none)',
    choices: CATCH_UPS,
  },
];

/** The fields that were given on the command line. */
export async function readScheduleOptions(
  context: CliContext,
  given: GivenOptions,
): Promise<Partial<ApiScheduleFields>> {
  const source = given.text('input');
  const now = context.io.now();
  return {
    ...optional('timezone', given.text('timezone')),
    ...optional('jitter_seconds', readSeconds(given.text('jitter'))),
    ...optional('starts_at', readWhen('--starts', given.text('starts'), now)),
    ...optional('ends_at', readWhen('--ends', given.text('ends'), now)),
    ...optional('input', source === undefined ? undefined : await readInput(source, context.io.stdin)),
    ...optional(
      'overlap',
      OVERLAPS.find((each) => each === given.text('overlap')),
    ),
    ...optional(
      'catch_up',
      CATCH_UPS.find((each) => each === given.text('catchUp')),
    ),
  };
}

function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0) return seconds;
  throw new UsageError(`--jitter '${text}' is no number of seconds.`);
}

function readWhen(option: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const moment = parseMoment(text, now, 'start');
  if (moment !== null) return new Date(moment).toISOString();
  throw new UsageError(`${option} '${text}' is neither an amount of time (12h, 30d), a date (2030-01-31) nor a time.`);
}
