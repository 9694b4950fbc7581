import { ErrandError, type ErrorCode } from '../../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { Run, RunStatus } from '../../../core/run/run.js';
import { defineValueTool, type ArgumentReading, type ValueToolDefinition } from '../../tool-kit/define-tool.js';
import { boundedProblems, fullMessage, invalidInput } from '../../tool-kit/check-value.js';
import { staticTools, toolResultJson, type Contract, type Tool } from '../../contract/contract.js';
import { RPC_CODES, rpcError, type RpcError } from '../../message/json-rpc.js';
import { MCP_APP_GUIDE } from './mcp-app-guide.js';
import { renderRunListItem, renderRunStatus, renderStartedRun, renderWorkflow } from './mcp-app-render.js';
import { LIST_WORKFLOW_RUNS_INPUT, NO_INPUT, RUN_INPUT, RUN_WORKFLOW_INPUT } from './mcp-app-schemas.js';
import { nullIfNotFound, quoteId } from '../../tool-kit/not-found.js';
import { shareWords } from '../../tool-kit/cut-output.js';
import { rememberByRun } from '../../tool-kit/remember-by-run.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import { namesProperty } from '../../tool-kit/run-input.js';
import { listWithReadiness } from '../../tool-kit/with-readiness.js';
import { renderCreditsOfContract } from '../../../core/render/render-credits.js';
import { parseRunId, renderRunId } from '../../../core/render/run-id.js';

/** `companyId` is dropped unseen: the company is the key's. */
const READING: ArgumentReading = { unknown: 'drop', readsTexts: true, ignored: ['companyId'] };

/** The kinds of error that callers see are Errand's own. */
const ERROR_KINDS = {
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  not_found: 'not_found',
  invalid_input: 'invalid_input',
  invalid_definition: 'invalid_definition',
  conflict: 'conflict',
  insufficient_credits: 'insufficient_credits',
  not_configured: 'not_configured',
  rate_limited: 'rate_limited',
  payload_too_large: 'payload_too_large',
  unsupported_media_type: 'unsupported_media_type',
  unavailable: 'unavailable',
  internal: 'internal',
} as const satisfies Record<ErrorCode, string>;

const SUCCESS = { structured: false, isError: false };

const listWorkflows = defineTool({
  name: 'list_workflows',
  title: 'List workflows',
  description:
    'Lists the workflows that can be run: what each does, what it costs in credits, about how long it takes, and its agents.',
  inputSchema: NO_INPUT,
  mutates: false,
  run: async ({ services, caller }) => {
    const workflows = await listWithReadiness({ services, caller });
    const words = shareWords(workflows.length);
    return { workflows: workflows.map((workflow) => renderWorkflow(workflow, words)) };
  },
});

const runWorkflow = defineTool<{ workflowId: string; configuration?: JsonObject }>({
  name: 'run_workflow',
  title: 'Run a workflow',
  description:
    'Starts a workflow and returns at once with a runId; its agents work in the background and its credits are reserved. ' +
    "`configuration` is the workflow's input; a text under `configuration.context` is given to the agents as an extra instruction. " +
    'Then call get_run_status with the runId every 5 to 10 seconds. Do not call run_workflow again for the same work: each call starts another run.',
  inputSchema: RUN_WORKFLOW_INPUT,
  mutates: true,
  run: async ({ services, caller, args }) => {
    const { workflowId, configuration = {} } = args;
    try {
      const { context, ...rest } = configuration;
      const taken =
        context !== undefined &&
        !namesProperty(inputSchemaOf(await services.getWorkflow(caller, { workflowId })), 'context');
      const instruction = taken ? toInstruction(context) : null;
      const { run, workflow } = await services.runWorkflow(caller, {
        workflowId,
        input: taken ? rest : configuration,
        ...(instruction === null ? {} : { instruction }),
      });
      return renderStartedRun(run, workflow);
    } catch (thrown) {
      nullIfNotFound(thrown);
      throw new ErrandError(
        'not_found',
        `No workflow has the id ${quoteId(workflowId)}. list_workflows gives the ids.`,
      );
    }
  },
});

const statusJson = rememberByRun((run) => toolResultJson(renderRunStatus(run), SUCCESS));

const getRunStatus = defineTool<{ runId: string }>({
  name: 'get_run_status',
  title: 'Get the status of a run',
  description:
    "Tells how a run is doing: its status, each agent's progress and findings, and its summary once it has completed. " +
    'While it is pending or running, call again every 5 to 10 seconds.',
  inputSchema: RUN_INPUT,
  mutates: false,
  run: async ({ services, caller, args }) =>
    statusJson(await withRunId(args.runId, (runId) => services.getRun(caller, { runId }))),
});

const listWorkflowRuns = defineTool<{ status?: RunStatus; workflowId?: string; limit?: number; offset?: number }>({
  name: 'list_workflow_runs',
  title: 'List runs',
  description:
    'Lists runs, newest first, all or those of one status or one workflow. `total` counts what fits the filters.',
  inputSchema: LIST_WORKFLOW_RUNS_INPUT,
  mutates: false,
  run: async ({ services, caller, args }) => {
    const { status, workflowId, limit = 20, offset = 0 } = args;
    const { runs, total } = await services.listRuns(caller, {
      ...(status === undefined ? {} : { status }),
      ...(workflowId === undefined ? {} : { workflowId }),
      limit,
      offset,
    });
    return { runs: runs.map(renderRunListItem), total, limit, offset };
  },
});

const cancelWorkflowRun = defineTool<{ runId: string }>({
  name: 'cancel_workflow_run',
  title: 'Cancel a run',
  description:
    'Cancels a run that is pending or running and releases its credits. A run that has ended cannot be cancelled.',
  inputSchema: RUN_INPUT,
  mutates: true,
  run: async ({ services, caller, args }) => {
    const run = await withRunId(args.runId, async (runId) => {
      // The contract has it that only a run which is pending or running can be cancelled; Errand's own tools take a
      // second cancel.
      const { status } = await services.getRun(caller, { runId });
      if (status === 'cancelled') throw new ErrandError('conflict', 'The run is cancelled already.');
      return await services.cancelRun(caller, { runId });
    });
    return {
      runId: renderRunId(run.id),
      status: 'cancelled',
      message: 'The run is cancelled and its reserved credits are released.',
    };
  },
});

const getCredits = defineTool({
  name: 'get_credits',
  title: 'Get credits',
  description:
    'Tells how many credits are available, reserved by unfinished runs and used this month, and when the month starts anew.',
  inputSchema: NO_INPUT,
  mutates: false,
  run: async ({ services, caller }) => renderCreditsOfContract(await services.getCredits(caller)),
});

/** Contract B: camelCase, agents and credits. */
export const mcpAppContract: Contract = {
  name: 'mcp-app',
  instructions:
    'Runs workflows of several agents that take minutes. list_workflows shows them with their cost in credits, run_workflow starts one ' +
    'and returns a runId at once, get_run_status shows how its agents are doing; poll it every 5 to 10 seconds until the run has ended.',
  tools: staticTools([listWorkflows, runWorkflow, getRunStatus, listWorkflowRuns, cancelWorkflowRun, getCredits]),
  fixedResources: [MCP_APP_GUIDE],
  keyFor: 'tool_calls',
  limitsMutations: true,
  linksAccounts: true,
  renderResult: (value) => toolResultJson(value, SUCCESS),
  renderError: (error) =>
    error.code === 'rate_limited' || error.code === 'unauthenticated'
      ? { kind: 'refusal' }
      : { kind: 'error', error: renderFailure(error) },
  renderRefusal: renderFailure,
  shapeError: (id, error) => ({
    // The call that was one too many was not read.
    id: error.code === RPC_CODES.rateLimited ? null : id,
    error: isJsonObject(error.data) ? error : { ...error, data: {} },
  }),
};

function renderFailure(error: ErrandError): RpcError {
  const code = ERROR_KINDS[error.code];
  switch (error.code) {
    case 'unauthenticated':
      return rpcError('unauthenticated', error.message, { code });
    case 'rate_limited':
      return rpcError('rateLimited', error.message, { code, retryAfter: error.retryAfterSeconds ?? 1 });
    default: {
      const problems = boundedProblems(error).map((problem) => ({ ...problem }));
      return rpcError('serverError', fullMessage(error), { code, ...(problems.length === 0 ? {} : { problems }) });
    }
  }
}

function defineTool<Arguments = JsonObject>(
  definition: Omit<ValueToolDefinition<Arguments>, 'outputSchema' | 'scope'>,
): Tool {
  return defineValueTool({ ...definition, outputSchema: null, scope: definition.mutates ? 'run' : 'read' }, READING);
}

/** An id that is not found gets the same words whoever it may belong to. */
async function withRunId(asked: string, use: (runId: string) => Promise<Run>): Promise<Run> {
  const runId = parseRunId(asked);
  const run = runId === null ? null : await use(runId).catch(nullIfNotFound);
  if (run === null) throw new ErrandError('not_found', `No run has the id ${quoteId(asked)}.`);
  return run;
}

/** Null, and a text of nothing but blanks, is no instruction. */
function toInstruction(context: Json): string | null {
  if (context === null) return null;
  if (typeof context === 'string') return context.trim() === '' ? null : context;
  throw invalidInput('The arguments of run_workflow', [
    { path: '/configuration/context', message: 'must be a string' },
  ]);
}
