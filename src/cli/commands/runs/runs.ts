import { RUN_STATUSES } from '../../../core/run/run.js';
import type { RunStatus } from '../../../core/run/run.js';
import type { ApiRunListItem } from '../../../api/api-types.js';
import type { AnswerOf } from '../../../api/endpoint.js';
import type { listRuns } from '../../../api/endpoints/runs.js';
import { PAYLOAD_LIMITS } from '../../../core/text/payload-limits.js';
import { toRunId } from '../../command/run-id.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { duration } from '../../terminal/human-time.js';
import { statusColour } from '../../terminal/status-style.js';
import { renderTable } from '../../terminal/table.js';

export const runsCommand: CliCommand = {
  name: 'runs',
  summary: 'List runs, newest first',
  options: [
    { flags: '--status <status>', description: 'only runs that stand so', choices: RUN_STATUSES },
    { flags: '--workflow <id>', description: 'only runs of this workflow' },
    { flags: '--limit <number>', description: 'at most this many, 1 to 100 (default: 20)' },
    { flags: '--offset <number>', description: 'leave out this many of the newest, at most 10000' },
    { flags: '--before <run>', description: 'only runs older than this one' },
  ],
  examples: [
    'errand runs',
    'errand runs --status failed --workflow site_checkup',
    "errand runs --json | jq -r '.runs[].run_id'",
  ],
  async run(context, given) {
    const before = given.text('before');
    const page = await context.client().listRuns({
      ...optional('status', given.text('status') as RunStatus | undefined),
      ...optional('workflow_id', given.text('workflow')),
      limit: given.number('limit', { min: 1, max: 100 }) ?? 20,
      ...optional('offset', given.number('offset', { min: 0 })),
      ...optional('before', before === undefined ? undefined : toRunId(before)),
    });
    if (context.json) {
      context.printJson(page);
      return EXIT.ok;
    }
    if (page.runs.length === 0) {
      context.note(page.total === 0 ? 'No runs.' : `No runs from ${page.offset + 1} on; there are ${page.total}.`);
      return EXIT.ok;
    }
    const now = context.io.now();
    context.printLines(
      renderTable<ApiRunListItem>({
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
        width: context.width,
        style: context.style,
      }),
    );
    const note = nextPage(page, before !== undefined);
    if (note !== null) context.note(note);
    return EXIT.ok;
  },
};

/** How to see the runs that follow; null when there are none. */
function nextPage({ runs, offset, total, limit }: AnswerOf<typeof listRuns>, isBefore: boolean): string | null {
  const last = offset + runs.length;
  const older = `--before ${runs.at(-1)?.run_id ?? ''}`;
  if (isBefore) return runs.length < limit ? null : `The next: ${older}`;
  if (last >= total) return null;
  return `${offset + 1} to ${last} of ${total}; the next: ${last > PAYLOAD_LIMITS.offset ? older : `--offset ${last}`}`;
}

function took(run: ApiRunListItem, now: number): string {
  if (run.started_at === null) return '-';
  return duration((run.completed_at === null ? now : Date.parse(run.completed_at)) - Date.parse(run.started_at));
}

function formatCredits(run: ApiRunListItem): string {
  return String(run.terminal ? run.credits_consumed : run.credits_reserved);
}
