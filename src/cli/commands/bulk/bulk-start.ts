import type { ApiBulkJob, ApiBulkPreview, ApiBulkRequest } from '../../../api/bulk-types.js';
import { getBulkJob, previewBulkJob, startBulkJob } from '../../../api/endpoints/runs.js';
import { BULK_ACTIONS } from '../../../core/bulk/bulk-job.js';
import { nodeClock } from '../../../app/process/node-clock.js';
import { pause } from '../../../core/ports/clock.js';
import { readFields } from '../../../core/search/read-fields.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type GivenOptions, optional } from '../../command/command.js';
import { FILTER_OPTIONS, readFilter } from '../../command/filter-options.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

const LOOK_EVERY_MS = 500;

export const bulkStartCommand: CliCommand = {
  name: 'bulk start',
  summary: 'Cancel, retry or repeat all runs that a filter finds',
  details:
    'Says how many runs that would be and what it would cost; with --yes it does it, as a job on the server that goes on by itself. ' +
    'Without --status: all runs that the action is possible for.',
  arguments: [{ name: '<action>', description: BULK_ACTIONS.join(', ') }],
  options: [
    ...FILTER_OPTIONS,
    {
      flags: '--run <id>',
      description: 'only this run, in place of the filter; given several times: these',
      isRepeatable: true,
    },
    { flags: '--reason <text>', description: 'of a cancelling: why, for the logs of the runs' },
    { flags: '--same-version', description: 'of a rerun: on the versions that the runs were on' },
    { flags: '--yes', description: 'start it' },
    { flags: '--wait', description: 'show how far it is until it ends' },
    { flags: '--idempotency-key <key>', description: 'the same key is the same job' },
  ],
  examples: [
    'errand bulk start retry --status failed --workflow grade --since 2d',
    'errand bulk start cancel --tag nightly --reason "wrong list" --yes --wait',
  ],
  async run(context, given) {
    const body = readRequest(context, given);
    const client = context.client();
    if (!given.flag('yes')) {
      const preview = await client.call(previewBulkJob, { body });
      if (context.json) context.printJson(preview);
      else context.printLines(describePreview(preview));
      return EXIT.ok;
    }
    const key = optional('idempotency_key', given.text('idempotencyKey'));
    const job = await client.call(startBulkJob, { body: { ...body, ...key } });
    return tellJob(context, given.flag('wait') ? await waitFor(context, job) : job);
  },
};

function readRequest(context: CliContext, given: GivenOptions): ApiBulkRequest {
  const action = BULK_ACTIONS.find((one) => one === given.argument(0));
  if (action === undefined)
    throw new UsageError(`The action must be one of ${BULK_ACTIONS.join(', ')}; it is '${given.argument(0)}'.`);
  const { tag, field, ...filter } = readFilter(given, context.io.now());
  return {
    action,
    filter: {
      ...filter,
      ...optional('tags', tag),
      ...optional('fields', field === undefined ? undefined : readFields(field)),
      ...optional('run_ids', given.texts('run')),
    },
    ...optional('reason', given.text('reason')),
    ...(given.flag('sameVersion') ? { same_version: true } : {}),
  };
}

function describePreview(preview: ApiBulkPreview): string[] {
  const { action, runs, has_more: hasMore, skipped, by_workflow: workflows } = preview;
  const { credits_reserved: reserved, credits_released: released, credits_available: available } = preview;
  const cost =
    action === 'cancel'
      ? `${released} credits would be released.`
      : `${reserved} credits would be reserved, one run after the other; ${available} are available.`;
  return [
    `${hasMore ? 'More than ' : ''}${runs} runs to ${action}.`,
    ...workflows.map(({ workflow_id: id, runs: count }) => `  ${count}  ${id}`),
    ...(skipped === 0 ? [] : [`${skipped} more were started by other runs and are left out.`]),
    cost,
    'Nothing is done yet: give --yes to start it.',
  ];
}

/** Until it has ended; what is interrupted goes on on the server. */
async function waitFor(context: CliContext, started: ApiBulkJob): Promise<ApiBulkJob> {
  let job = started;
  while (job.status === 'running') {
    context.note(describeProgress(job));
    await pause(nodeClock, LOOK_EVERY_MS);
    job = await context.client().call(getBulkJob, { path: { id: job.id } });
  }
  return job;
}

export function tellJob(context: CliContext, job: ApiBulkJob): number {
  if (context.json) context.printJson(job);
  else {
    const refusals = job.refusals.map(({ run_id: runId, message }) => `  ${runId}: ${message}`);
    context.printLines([`Bulk job ${job.id}: ${describeProgress(job)}`, ...refusals]);
  }
  return job.status !== 'running' && job.refused > 0 ? EXIT.error : EXIT.ok;
}

function describeProgress(job: ApiBulkJob): string {
  const { status, done, skipped, refused, expected_runs: expected, waits_for: waitsFor } = job;
  const of = expected === null ? '' : ` of ${expected}`;
  const waits = waitsFor === null ? '' : ` It waits: ${waitsFor}`;
  return `${status}; ${done} done, ${skipped} skipped, ${refused} refused${of}.${waits}`;
}
