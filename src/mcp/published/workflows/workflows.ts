import { ErrandError, type ErrorCode } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';
import { defineValueTool, type ArgumentReading, type ValueToolDefinition } from '../../tool-kit/define-tool.js';
import { fullMessage } from '../../tool-kit/check-value.js';
import { staticTools, toolResultJson, type Contract, type Tool } from '../../contract/contract.js';
import { rpcError } from '../../message/json-rpc.js';
import { nullIfNotFound, quoteId } from '../../tool-kit/not-found.js';
import { outputJson, withoutOutput } from '../../../core/run/output-json.js';
import type { Run } from '../../../core/run/run.js';
import type { CallContext } from '../../contract/call-context.js';
import { cutOutput, OUTPUT_LIMITS, runUri, shareWords } from '../../tool-kit/cut-output.js';
import { validatorOf } from '../../tool-kit/validator.js';
import { rememberByRun } from '../../tool-kit/remember-by-run.js';
import { resolveInput } from '../../tool-kit/run-input.js';
import { listWithReadiness, withReadiness } from '../../tool-kit/with-readiness.js';
import {
  parseRunId,
  parseWorkflowId,
  renderRunId,
  renderRunStatus,
  renderStatus,
  renderWorkflow,
  renderWorkflowSummary,
} from './workflows-render.js';
import {
  GET_RUN_STATUS_INPUT,
  GET_RUN_STATUS_OUTPUT,
  GET_WORKFLOW_INPUT,
  GET_WORKFLOW_OUTPUT,
  LIST_WORKFLOWS_INPUT,
  LIST_WORKFLOWS_OUTPUT,
  RUN_WORKFLOW_INPUT,
  RUN_WORKFLOW_OUTPUT,
  SOURCE,
} from './workflows-schemas.js';

/** The contract names what each tool takes; other names are refused. */
const READING: ArgumentReading = { unknown: 'check', readsTexts: true, keepsEmpty: ['input_data'] };

const ERROR_TYPES = {
  unauthenticated: 'auth_error',
  forbidden: 'auth_error',
  not_found: 'not_found',
  invalid_input: 'invalid_input',
  invalid_definition: 'execution_error',
  conflict: 'execution_error',
  insufficient_credits: 'insufficient_credits',
  not_configured: 'execution_error',
  rate_limited: 'rate_limited',
  payload_too_large: 'invalid_input',
  unsupported_media_type: 'invalid_input',
  unavailable: 'execution_error',
  internal: 'execution_error',
} as const satisfies Record<ErrorCode, string>;

const SUCCESS = { structured: true, isError: false };

/** A longer page than this is asked for in vain: `limit` above it is taken as this. */
const MAX_PAGE = 100;

const listWorkflows = defineTool<{ limit?: number; offset?: number }>({
  name: 'list_workflows',
  title: 'List workflows',
  description:
    'Lists the workflows that can be run: id, name and what each does. ' +
    'Follow with get_workflow to learn the input that one takes, then run_workflow.',
  inputSchema: LIST_WORKFLOWS_INPUT,
  outputSchema: LIST_WORKFLOWS_OUTPUT,
  mutates: false,
  run: async ({ services, caller, args }) => {
    const workflows = await listWithReadiness({ services, caller });
    const { offset = 0 } = args;
    const limit = Math.min(args.limit ?? 50, MAX_PAGE);
    const page = workflows.slice(offset, offset + limit);
    const total = workflows.length;
    return {
      workflows: page.map((workflow) => renderWorkflowSummary(workflow, shareWords(page.length))),
      total,
      offset,
      limit,
      has_more: offset + page.length < total,
      source: SOURCE,
    };
  },
});

const getWorkflow = defineTool<{ workflow_id: string }>({
  name: 'get_workflow',
  title: 'Get a workflow',
  description:
    "Gives one workflow's input schema (what run_workflow's input_data must fit) and output schema (what a completed run gives).",
  inputSchema: GET_WORKFLOW_INPUT,
  outputSchema: GET_WORKFLOW_OUTPUT,
  mutates: false,
  run: async ({ services, caller, args }) => {
    const workflow = await withWorkflowId(args.workflow_id, (workflowId) =>
      services.getWorkflow(caller, { workflowId }),
    );
    const notReady = await services.listNotReady(caller);
    return { ...renderWorkflow(withReadiness(workflow, notReady.get(workflow.version.workflowId))), source: SOURCE };
  },
});

const runWorkflow = defineTool<{ workflow_id: string; input_data?: string | JsonObject | null }>({
  name: 'run_workflow',
  title: 'Run a workflow',
  description:
    'Starts a workflow and returns at once with a run_id; the work goes on in the background. ' +
    'Keep the run_id and call get_run_status with it about once a second until the status is completed, failed or cancelled. ' +
    'Do not call run_workflow again for the same work: each call starts another run.',
  inputSchema: RUN_WORKFLOW_INPUT,
  outputSchema: RUN_WORKFLOW_OUTPUT,
  mutates: true,
  run: async ({ services, caller, args }) => {
    const { run } = await withWorkflowId(args.workflow_id, async (workflowId) => {
      const input = await resolveInput(args.input_data, () => services.getWorkflow(caller, { workflowId }));
      return services.runWorkflow(caller, { workflowId, input });
    });
    return { run_id: renderRunId(run.id), status: renderStatus(run), source: SOURCE };
  },
});

const statusJson = rememberByRun((run) => toolResultJson({ ...renderRunStatus(run), source: SOURCE }, SUCCESS));
const cutStatusJson = rememberByRun((run) =>
  toolResultJson({ ...renderRunStatus({ ...withoutOutput(run), output: cutOf(run) }), source: SOURCE }, SUCCESS),
);
/** What stands instead of an output that is too long for an answer; null for any other. */
const cutOf = rememberByRun((run): JsonObject | null => {
  const json = outputJson(run);
  if (json === null) return null;
  const limits = { most: OUTPUT_LIMITS.whole, resource: runUri(run.id) };
  const cut = cutOutput(json, limits);
  return cut === null ? null : { output_cut: cut };
});

const getRunStatus = defineTool<{ run_id: string }>({
  name: 'get_run_status',
  title: 'Get the status of a run',
  description:
    'Tells how a run is doing: pending, running, completed (with its output), failed (with its error) or cancelled. ' +
    'While it is pending or running, call again about once a second; most runs take 1 to 30 seconds, some two minutes.',
  inputSchema: GET_RUN_STATUS_INPUT,
  outputSchema: GET_RUN_STATUS_OUTPUT,
  mutates: false,
  run: async ({ services, caller, args }) => {
    const runId = parseRunId(args.run_id);
    const run = runId === null ? null : await services.getRun(caller, { runId }).catch(nullIfNotFound);
    if (run === null) throw new ErrandError('not_found', `No run has the id ${quoteId(args.run_id)}.`);
    const cut = cutOf(run);
    return cut !== null && (await mayBeCut(cut, run, { services, caller })) ? cutStatusJson(run) : statusJson(run);
  },
});

/**
 * The contract has it that an output fits the workflow's output schema, so it is cut only where the beginning fits that
 * too.
 */
async function mayBeCut(
  cut: JsonObject,
  run: Run,
  { services, caller }: Pick<CallContext, 'services' | 'caller'>,
): Promise<boolean> {
  const { workflowId } = run;
  const workflow = await services.getWorkflow(caller, { workflowId }).catch(nullIfNotFound);
  const schema = workflow?.version.definition.output;
  return workflow !== null && (schema === undefined || validatorOf(schema).fits(cut));
}

/** Contract A: snake_case, nodes and an output schema. */
export const workflowsContract: Contract = {
  name: 'workflows',
  instructions:
    'Runs workflows that take seconds to minutes. list_workflows shows them, get_workflow gives the input schema of one, run_workflow ' +
    'starts it and returns a run_id at once, get_run_status tells how the run is doing; poll it about once a second until the run has ended.',
  tools: staticTools([listWorkflows, getWorkflow, runWorkflow, getRunStatus]),
  keyFor: 'every_message',
  limitsMutations: false,
  renderResult: (value) => toolResultJson(value, SUCCESS),
  renderError: (error) => ({
    kind: 'result',
    json: toolResultJson(
      { error_type: ERROR_TYPES[error.code], message: fullMessage(error) },
      { structured: true, isError: true },
    ),
  }),
  renderRefusal: (error) => rpcError('serverError', error.message, { error_type: ERROR_TYPES[error.code] }),
};

function defineTool<Arguments>(definition: ValueToolDefinition<Arguments>): Tool {
  return defineValueTool(definition, READING);
}

/** An id that is not found gets the same words whoever it may belong to. */
async function withWorkflowId<T>(asked: string, use: (workflowId: string) => Promise<T>): Promise<T> {
  for (const workflowId of parseWorkflowId(asked)) {
    try {
      return await use(workflowId);
    } catch (thrown) {
      nullIfNotFound(thrown);
    }
  }
  throw new ErrandError('not_found', `No workflow has the id ${quoteId(asked)}. list_workflows gives the ids.`);
}
