import { RUN_STATUSES, type RunStatus } from '../../core/run/run.js';
import { parseDuration } from '../../core/time/duration.js';
import { tellMoment } from '../../core/time/moment.js';
import { parseMoment } from '../terminal/human-time.js';
import { UsageError } from '../terminal/usage-error.js';
import { type CliOption, type GivenOptions, optional } from './command.js';

/** Which runs. */
export const FILTER_OPTIONS: readonly CliOption[] = [
  {
    flags: '--status <status>',
    description: `only runs that stand so, or in one of several: ${RUN_STATUSES.join(',')}`,
  },
  { flags: '--workflow <id>', description: 'only runs of this workflow' },
  {
    flags: '--tag <tag>',
    description: 'only runs with this tag; given several times: with all of them',
    isRepeatable: true,
  },
  {
    flags: '--field <path=value>',
    description: 'only runs with this value: input.… or output.… as their workflow declares, or metadata.…',
    isRepeatable: true,
  },
  {
    flags: '--since <time>',
    description: 'only runs made at that time or later: 2026-11-21, 2026-11-21T20:00:00Z, or 2d ago',
  },
  { flags: '--until <time>', description: 'only runs made before that time' },
];

export function readFilter(given: GivenOptions, now: number) {
  return {
    ...optional('status', readStatuses(given.text('status'))),
    ...optional('workflow_id', given.text('workflow')),
    ...optional('tag', given.texts('tag')),
    ...optional('field', given.texts('field')),
    ...optional('created_from', readTime('--since', given.text('since'), now)),
    ...optional('created_before', readTime('--until', given.text('until'), now)),
  };
}

function readStatuses(text: string | undefined): readonly RunStatus[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((name) => {
    const status = RUN_STATUSES.find((one) => one === name.trim());
    if (status === undefined) {
      throw new UsageError(
        `--status must be one of ${RUN_STATUSES.join(', ')}, or several with commas; it is '${text}'.`,
      );
    }
    return status;
  });
}

function readTime(flag: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const length = parseDuration(text.replace(/ ago$/, ''));
  const at = length === null ? parseMoment(text, now, 'start') : now - length;
  if (at !== null) return tellMoment(at);
  throw new UsageError(`${flag} must be a time, such as 2026-11-21, 2026-11-21T20:00:00Z or 2d; it is '${text}'.`);
}
