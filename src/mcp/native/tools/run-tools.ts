import type { JsonObject } from '../../../core/json.js';
import { toCallback } from '../../../core/webhooks/webhook.js';
import { isTerminal } from '../../../core/run/run.js';
import type { Priority } from '../../../core/tenant/scheduling.js';
import type { ToolRequest } from '../../contract/contract.js';
import {
  ACCEPTED,
  CANCEL_RUN_INPUT,
  CANCEL_RUN_OUTPUT,
  GET_RUN_STATUS_INPUT,
  GET_RUN_STATUS_OUTPUT,
  RUN_WORKFLOW_INPUT,
  RUN_WORKFLOW_OUTPUT,
  type Detail,
} from '../schemas/native-schemas.js';
import { appMeta } from '../app/apps.js';
import { collectOutputs } from '../views/collect-outputs.js';
import { renderRunStatus } from '../views/native-render.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import { readInput } from '../../tool-kit/run-input.js';
import { toTask } from '../tasks/run-task.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { withRunId, withWorkflowId } from './ids.js';
import { tellRepeat } from '../views/repeat-action.js';
import { runText } from '../views/run-text.js';
import { renderRunWorkflow } from '../views/run-workflow-result.js';
import { summaryJson } from '../views/summary-json.js';
import { waitReporting } from '../live/wait.js';
import { renderRunId } from '../../../core/render/run-id.js';

interface RunWorkflowArguments {
  readonly workflow_id: string;
  readonly input?: JsonObject[string];
  readonly instruction?: string;
  readonly idempotency_key?: string;
  readonly priority?: Priority;
  readonly tags?: readonly string[];
  readonly metadata?: { readonly [name: string]: string };
  readonly callback?: string;
  readonly wait_seconds?: number;
}

export const runWorkflow = defineTool<RunWorkflowArguments>({
  name: 'run_workflow',
  title: 'Run a workflow',
  description:
    'Starts a workflow, which runs in the background. With wait_seconds (25 at most) a short run ends within this one call. ' +
    'Otherwise keep the run_id and do what next_action says. Do not start the same work again; pass an idempotency_key if you may have to repeat the call.',
  inputSchema: RUN_WORKFLOW_INPUT,
  accepts: { ...ACCEPTED.input, ...ACCEPTED.priority, ...ACCEPTED.metadata },
  outputSchema: RUN_WORKFLOW_OUTPUT,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: true, idempotentHint: false, openWorldHint: true },
  taskSupport: 'optional',
  notifies: true,
  normalize: takeOtherNames,
  ...appMeta('run'),
  run: async (args, call) => {
    const { services, caller } = call;
    const { instruction, idempotency_key: idempotencyKey, priority, callback, wait_seconds: seconds = 0 } = args;
    const { tags, metadata } = args;
    const { run, workflow, created } = await withWorkflowId(args.workflow_id, async (workflowId) => {
      const schema = inputSchemaOf(await services.getWorkflow(caller, { workflowId }));
      return await services.runWorkflow(caller, {
        workflowId,
        input: readInput(args.input ?? {}, schema),
        ...(instruction === undefined ? {} : { instruction }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(priority === undefined ? {} : { priority }),
        ...(tags === undefined ? {} : { tags }),
        ...(metadata === undefined ? {} : { metadata }),
        ...(callback === undefined ? {} : { callback: toCallback(callback) }),
      });
    });
    const { definition } = workflow.version;
    if (call.client.tasks === 'requested') {
      return { kind: 'task', task: toTask({ run, definition, now: services.clock.now(), form: 'run_workflow' }) };
    }
    const answered = isTerminal(run.status) ? run : await waitIfAsked(call, run, seconds);
    const waits = await services.explainWaits(caller, answered);
    const end = { run: answered, definition, now: services.clock.now(), waits };
    const runId = renderRunId(run.id);
    return tellRepeat(
      { kind: 'value', value: renderRunWorkflow(end, created), text: runText(answered, { ...end, runId }) },
      answered,
      created,
    );
  },
});

async function waitIfAsked<T extends { readonly id: string }>(call: ToolRequest<JsonObject>, run: T, seconds: number) {
  return seconds > 0 ? await waitReporting(call, { runId: run.id, seconds }) : run;
}

/** The names that the other two contracts have for a run's input. */
function takeOtherNames(args: JsonObject): JsonObject {
  const { input, input_data: inputData, configuration } = args;
  const given = input ?? inputData ?? configuration;
  return given === undefined || given === input ? args : { ...args, input: given };
}

interface GetRunStatusArguments {
  readonly run_id: string;
  readonly wait_seconds?: number;
  readonly since_version?: number;
  readonly detail?: Detail;
}

export const getRunStatus = defineTool<GetRunStatusArguments>({
  name: 'get_run_status',
  title: 'Get the status of a run',
  description:
    'Returns the status and progress of a run, its output once it has completed, or why it failed. ' +
    'With wait_seconds 25 it answers when the run has ended, or after that time; ask again until terminal is true. ' +
    'With since_version it answers at the first change after that version. Without waiting, ask again after poll_after_ms.',
  inputSchema: GET_RUN_STATUS_INPUT,
  outputSchema: GET_RUN_STATUS_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  notifies: true,
  ...appMeta('run'),
  run: async (args, call) => {
    const { services, caller } = call;
    const { wait_seconds: seconds = 0, since_version: sinceVersion, detail = 'summary' } = args;
    const run = await withRunId(args.run_id, (runId) => {
      if (seconds <= 0) return services.getRun(caller, { runId });
      return waitReporting(call, sinceVersion === undefined ? { runId, seconds } : { runId, seconds, sinceVersion });
    });
    const outputs =
      detail === 'full' ? await collectOutputs(run.id, services.listNodeOutputs(caller, { runId: run.id })) : undefined;
    const waits = await services.explainWaits(caller, run);
    const now = services.clock.now();
    if (detail === 'summary') return { kind: 'json', json: summaryJson({ run, now, waits }) };
    const view = { run, now, detail, waits, ...(outputs === undefined ? {} : { outputs }) };
    return { kind: 'value', value: renderRunStatus(view), text: runText(run, { runId: args.run_id, now, waits }) };
  },
});

export const cancelRun = defineTool<{ run_id: string; reason?: string }>({
  name: 'cancel_run',
  title: 'Cancel a run',
  description:
    'Cancels a run that is pending or running and releases its credits. Cancelling it again changes nothing; a run that has ended otherwise cannot be cancelled.',
  inputSchema: CANCEL_RUN_INPUT,
  outputSchema: CANCEL_RUN_OUTPUT,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ run_id: asked, reason }, { services, caller }) => {
    const run = await withRunId(asked, (runId) =>
      services.cancelRun(caller, reason === undefined ? { runId } : { runId, reason }),
    );
    const now = services.clock.now();
    return {
      kind: 'value',
      value: renderRunStatus({ run, now, detail: 'summary' }),
      text: `${runText(run, { runId: asked, now })}\nIts reserved credits are released.`,
    };
  },
});
