import { BULK_ACTIONS, type BulkAction, type BulkJob, MAX_NAMED_RUNS } from '../../../../core/bulk/bulk-job.js';
import type { JsonObject, JsonSchema } from '../../../../core/json.js';
import { renderBulkJob, renderBulkPreview } from '../../../../core/render/render-bulk-job.js';
import { RUN_STATUSES } from '../../../../core/run/run.js';
import { PAYLOAD_LIMITS } from '../../../../core/text/payload-limits.js';
import type { BulkParams } from '../../../../service/interface/bulk.js';
import { defineTool } from '../../../tool-kit/define-tool.js';
import { closedObject, openObject } from '../../../tool-kit/object-schema.js';
import { readRunIds } from './read-run-ids.js';
import {
  COUNT,
  described,
  IDEMPOTENCY_KEY,
  orError,
  STRING,
  STRING_OR_NULL,
  TAGS,
  TIME,
  TIME_OR_NULL,
} from '../../schemas/native-schemas.js';
import { readFilter, type RunFilterArguments } from '../list-runs.js';

const FLAG: JsonSchema = { type: 'boolean' };
const TEXTS: JsonSchema = { type: 'array', items: STRING };

const ORDER: { readonly [name: string]: JsonSchema } = {
  action: described({ ...STRING, enum: BULK_ACTIONS }, 'What is done to each run.'),
  status: described(
    { ...STRING, enum: RUN_STATUSES },
    'Only runs that stand so; all that the action is possible for when left out.',
  ),
  workflow_id: described(STRING, 'Only runs of this workflow.'),
  tags: described(TAGS, 'Only runs with all of these tags.'),
  fields: described(TEXTS, 'Only runs with all of these values: input.customer.id=17, metadata.region=eu'),
  created_from: described(STRING, 'Only runs made at that time (RFC 3339) or later.'),
  created_before: described(STRING, 'Only runs made before that time.'),
  run_ids: described(
    { ...TEXTS, minItems: 1, maxItems: MAX_NAMED_RUNS },
    'These runs alone; with status, and with nothing else of these.',
  ),
  reason: described({ ...STRING, maxLength: PAYLOAD_LIMITS.takenReason }, 'Of a cancelling: why.'),
  same_version: described(FLAG, 'Of a rerun: on the versions that the runs were on.'),
};
const OPTIONAL = Object.keys(ORDER).filter((name) => name !== 'action');
const JOB_ID: JsonSchema = closedObject({ job_id: described(STRING, 'As start_bulk_job gives it.') });

const ORDERED: { readonly [name: string]: JsonSchema } = {
  action: STRING,
  filter: openObject({
    status: TEXTS,
    workflow_id: STRING_OR_NULL,
    tags: TEXTS,
    fields: { type: 'object', additionalProperties: STRING },
    created_from: TIME_OR_NULL,
    created_before: TIME_OR_NULL,
    run_ids: TEXTS,
  }),
  reason: STRING_OR_NULL,
  same_version: FLAG,
};
const PREVIEW: JsonSchema = orError(
  openObject({
    ...ORDERED,
    runs: COUNT,
    has_more: described(FLAG, 'Whether there are more than are counted.'),
    skipped: described(COUNT, 'Runs that others have started, which are dealt with in their stead.'),
    by_status: { type: 'object', additionalProperties: COUNT },
    by_workflow: { type: 'array', items: openObject({ workflow_id: STRING, runs: COUNT }) },
    credits_reserved: described(COUNT, 'What would be reserved for all of them.'),
    credits_released: described(COUNT, 'What is reserved for them and would be released.'),
    credits_available: COUNT,
  }),
);
const JOB: JsonSchema = orError(
  openObject({
    id: STRING,
    ...ORDERED,
    status: STRING,
    expected_runs: { type: ['integer', 'null'], minimum: 0 },
    done: COUNT,
    skipped: COUNT,
    refused: COUNT,
    refusals: {
      type: 'array',
      description: 'The first 20.',
      items: openObject({ run_id: STRING, code: STRING, message: STRING }),
    },
    waits_for: described(STRING_OR_NULL, 'Why it does not go on just now.'),
    created_at: TIME,
    updated_at: TIME,
    ended_at: TIME_OR_NULL,
  }),
);

interface OrderArguments extends RunFilterArguments {
  readonly action: BulkAction;
  readonly run_ids?: readonly string[];
  readonly reason?: string;
  readonly same_version?: boolean;
}

export const previewBulkJob = defineTool<OrderArguments>({
  name: 'preview_bulk_job',
  title: 'Preview a bulk job',
  description:
    'Says how many runs a bulk job would cancel, retry or repeat, and what that would cost. Changes nothing. Show it to the user before you call start_bulk_job.',
  inputSchema: closedObject(ORDER, OPTIONAL),
  outputSchema: PREVIEW,
  mutates: false,
  scope: 'run',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async (args, { services, caller }) => {
    const preview = renderBulkPreview(await services.previewBulkJob(caller, toParams(args)));
    const { runs, has_more: hasMore, credits_reserved: reserved, credits_released: released } = preview;
    const cost = args.action === 'cancel' ? `${released} credits released` : `${reserved} credits reserved`;
    const text = `${hasMore ? 'More than ' : ''}${runs} runs to ${args.action}; ${cost}.`;
    return { kind: 'value', value: preview, text };
  },
});

export const startBulkJob = defineTool<OrderArguments & { readonly idempotency_key?: string }>({
  name: 'start_bulk_job',
  title: 'Start a bulk job',
  description:
    'Cancels, retries or repeats all runs that fit, in the background. Each retry and rerun costs what it costs alone. ' +
    'Call preview_bulk_job first, and get_bulk_job to see how far it is.',
  inputSchema: closedObject({ ...ORDER, idempotency_key: IDEMPOTENCY_KEY }, [...OPTIONAL, 'idempotency_key']),
  outputSchema: JOB,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: true, idempotentHint: false, openWorldHint: true },
  run: async ({ idempotency_key: key, ...args }, { services, caller }) => {
    const params = { ...toParams(args), ...(key === undefined ? {} : { idempotencyKey: key }) };
    return tell((await services.startBulkJob(caller, params)).job);
  },
});

export const getBulkJob = defineTool<{ readonly job_id: string }>({
  name: 'get_bulk_job',
  title: 'Get a bulk job',
  description: 'Says how far a bulk job is: how many runs are done, skipped and refused.',
  inputSchema: JOB_ID,
  outputSchema: JOB,
  mutates: false,
  scope: 'read',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ job_id: jobId }, { services, caller }) => tell(await services.getBulkJob(caller, { jobId })),
});

export const stopBulkJob = defineTool<{ readonly job_id: string }>({
  name: 'stop_bulk_job',
  title: 'Stop a bulk job',
  description: 'Stops a bulk job. What it has done stays done.',
  inputSchema: JOB_ID,
  outputSchema: JOB,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ job_id: jobId }, { services, caller }) => tell(await services.stopBulkJob(caller, { jobId })),
});

function tell(job: BulkJob): { readonly kind: 'value'; readonly value: JsonObject; readonly text: string } {
  const value = renderBulkJob(job);
  const { done, skipped, refused, expected_runs: expected } = value;
  const of = expected === null ? '' : ` of ${expected}`;
  const text = `Bulk job ${job.id} is ${job.status}: ${done} done, ${skipped} skipped, ${refused} refused${of}.`;
  return { kind: 'value', value, text };
}

function toParams(args: OrderArguments): BulkParams {
  const { action, status, workflow_id: workflowId, reason, same_version: sameVersion } = args;
  const runIds = readRunIds('run_ids', args.run_ids);
  return {
    action,
    filter: {
      ...(status === undefined ? {} : { statuses: [status] }),
      ...(workflowId === undefined ? {} : { workflowId }),
      ...readFilter(args),
      ...(runIds === undefined ? {} : { runIds }),
    },
    ...(reason === undefined ? {} : { reason }),
    ...(sameVersion === undefined ? {} : { sameVersion }),
  };
}
