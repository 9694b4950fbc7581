import type { ApiRunListItem } from '../../../api/api-types.js';
import type { AnswerOf } from '../../../api/endpoint.js';
import type { listRuns } from '../../../api/endpoints/runs.js';
import { PAYLOAD_LIMITS } from '../../../core/text/payload-limits.js';
import { toRunId } from '../../command/run-id.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { FILTER_OPTIONS, readFilter } from '../../command/filter-options.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { duration } from '../../terminal/human-time.js';
import { statusColour } from '../../terminal/status-style.js';

export const runsCommand: CliCommand = {
  name: 'runs',
  summary: 'List runs, newest first',
  options: [
    ...FILTER_OPTIONS,
    { flags: '--limit <number>', description: 'at most this many, 1 to 100 (default: 20)' },
    { flags: '--offset <number>', description: 'leave out this many of the newest, at most 10000' },
    { flags: '--before <run>', description: 'only runs older than this one' },
  ],
  examples: [
    'errand runs',
    'errand runs --status failed,cancelled --workflow site_checkup --since 2d',
    'errand runs --tag nightly --field metadata.region=eu',
    "errand runs --json | jq -r '.runs[].run_id'",
  ],
  async run(context, given) {
    const before = given.text('before');
    const page = await context.client().listRuns({
      ...readFilter(given, context.io.now()),
      limit: given.number('limit', { min: 1, max: 100 }) ?? 20,
      ...optional('offset', given.number('offset', { min: 0 })),
      ...optional('before', before === undefined ? undefined : toRunId(before)),
    });
    if (context.json) {
      context.printJson(page);
      return EXIT.ok;
    }
    if (page.runs.length === 0) {
      context.note(explainNone(page));
      return EXIT.ok;
    }
    const now = context.io.now();
    context.printLines(
      context.table<ApiRunListItem>({
        columns: [
          { header: 'RUN', value: (run) => run.run_id },
          { header: 'WORKFLOW', value: (run) => run.workflow_id, min: 10 },
          { header: 'STATUS', value: (run) => run.status, min: 9, colour: (run) => statusColour(run.status) },
          { header: 'CREATED', value: (run) => context.time(run.created_at) },
          { header: 'TOOK', value: (run) => took(run, now), align: 'right', optional: true },
          { header: 'CREDITS', value: formatCredits, align: 'right', optional: true },
          { header: 'RESULT', value: (run) => run.error?.message ?? run.summary ?? '', min: 16, optional: true },
        ],
        rows: page.runs,
      }),
    );
    const note = nextPage(page, before !== undefined);
    if (note !== null) context.note(note);
    return EXIT.ok;
  },
};

function explainNone({ offset, total, next_before: next }: AnswerOf<typeof listRuns>): string {
  if (next !== null) return `None so far among the newest. Look further: --before ${next}`;
  return total === null || total === 0 ? 'No runs.' : `No runs from ${offset + 1} on; there are ${total}.`;
}

/** How to see the runs that follow; null when there are none. */
function nextPage(
  { runs, offset, total, next_before: next }: AnswerOf<typeof listRuns>,
  isBefore: boolean,
): string | null {
  if (next === null) return null;
  const last = offset + runs.length;
  const older = `--before ${next}`;
  if (isBefore || total === null) return `The next: ${older}`;
  return `${offset + 1} to ${last} of ${total}; the next: ${last > PAYLOAD_LIMITS.offset ? older : `--offset ${last}`}`;
}

function took(run: ApiRunListItem, now: number): string {
  if (run.started_at === null) return '-';
  return duration((run.completed_at === null ? now : Date.parse(run.completed_at)) - Date.parse(run.started_at));
}

function formatCredits(run: ApiRunListItem): string {
  return String(run.terminal ? run.credits_consumed : run.credits_reserved);
}
