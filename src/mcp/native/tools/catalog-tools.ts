import { tellPriceOf } from '../../../core/render/render-price.js';
import type { JsonObject } from '../../../core/json.js';
import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import {
  GET_WORKFLOW_INPUT,
  GET_WORKFLOW_OUTPUT,
  LIST_WORKFLOWS_INPUT,
  LIST_WORKFLOWS_OUTPUT,
} from '../schemas/catalog-schemas.js';
import { GET_CREDITS_OUTPUT, NO_INPUT } from '../schemas/native-schemas.js';
import { shorten } from '../../../core/text/cut-text.js';
import { appMeta } from '../app/apps.js';
import { cutOutput, OUTPUT_LIMITS, shareWords } from '../../tool-kit/cut-output.js';
import { workflowUri } from '../catalog/resources.js';
import { renderWorkflow, renderWorkflowSummary } from '../views/native-render.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { withWorkflowId } from './ids.js';
import { renderCredits } from '../../../core/render/render-credits.js';
import { tellMoment } from '../../../core/time/moment.js';

const READS = { destructiveHint: false, idempotentHint: true, openWorldHint: false };

export const listWorkflows = defineTool<{ limit?: number; offset?: number }>({
  name: 'list_workflows',
  title: 'List workflows',
  description:
    'Lists the workflows that can be run: what each does, what it costs in credits, about how long it takes. ' +
    'Then call get_workflow for the input of one, and run_workflow to start it; or call the tool that is named under tool.',
  inputSchema: LIST_WORKFLOWS_INPUT,
  outputSchema: LIST_WORKFLOWS_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: READS,
  run: async ({ limit = 50, offset = 0 }, { services, caller }) => {
    const workflows = await services.listWorkflows(caller);
    const page = workflows.slice(offset, offset + limit);
    const notReady = await services.listNotReady(caller);
    const reasonOf = ({ version }: WorkflowRecord): string | null => notReady.get(version.workflowId) ?? null;
    const words = shareWords(page.length);
    return {
      kind: 'value',
      value: {
        workflows: page.map((workflow) => renderWorkflowSummary(workflow, reasonOf(workflow), words)),
        total: workflows.length,
        limit,
        offset,
      },
      text: [
        `${page.length} of ${workflows.length} workflows.`,
        ...page.map((workflow) => renderLine(workflow, reasonOf(workflow), words)),
      ].join('\n'),
    };
  },
});

function renderLine(
  { version: { workflowId, definition } }: WorkflowRecord,
  notReady: string | null,
  words: number,
): string {
  const hint = notReady === null ? '' : ` (Cannot be started yet: ${notReady})`;
  return `${workflowId} (${tellPriceOf(definition)}): ${shorten(definition.description, words)}${hint}`;
}

export const getWorkflow = defineTool<{ workflow_id: string }>({
  name: 'get_workflow',
  title: 'Get a workflow',
  description:
    "Returns one workflow's agents, cost, input schema (what run_workflow's input must fit) and output schema (what a completed run returns).",
  inputSchema: GET_WORKFLOW_INPUT,
  outputSchema: GET_WORKFLOW_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: READS,
  ...appMeta('workflow'),
  run: async (args, { services, caller }) => {
    const workflow = await withWorkflowId(args.workflow_id, (workflowId) =>
      services.getWorkflow(caller, { workflowId }),
    );
    const { definition, workflowId: id } = workflow.version;
    const notReady = await services.explainNotReady(caller, { workflowId: id });
    const time = definition.estimated_duration === undefined ? '' : `, usually takes ${definition.estimated_duration}`;
    return {
      kind: 'value',
      value: withoutLongSchemas(renderWorkflow(workflow, notReady), id),
      text:
        `${definition.name} (${args.workflow_id}): ${definition.description}\n` +
        `Costs ${tellPriceOf(definition)}${time}. Its input must fit: ${shorten(JSON.stringify(inputSchemaOf(workflow)), OUTPUT_LIMITS.text)}` +
        (notReady === null ? '' : `\nIt cannot be started yet: ${notReady}`),
    };
  },
});

const SCHEMAS = ['input_schema', 'output_schema'] as const;

/** A schema that is too long for an answer gives way to one that says nothing, and its beginning. */
function withoutLongSchemas(workflow: JsonObject, id: string): JsonObject {
  const cuts = SCHEMAS.flatMap((field) => {
    const limits = { most: OUTPUT_LIMITS.whole, resource: workflowUri(id) };
    const cut = cutOutput(JSON.stringify(workflow[field]), limits);
    return cut === null ? [] : [{ [field]: {}, [`${field}_cut`]: cut }];
  });
  return Object.assign({ ...workflow }, ...cuts) as JsonObject;
}

export const getCredits = defineTool({
  name: 'get_credits',
  title: 'Get credits',
  description:
    'Returns how many credits are available, reserved by unfinished runs and used this month, and when the next month begins.',
  inputSchema: NO_INPUT,
  outputSchema: GET_CREDITS_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: READS,
  run: async (_, { services, caller }) => {
    const balance = await services.getCredits(caller);
    const { available, reserved, usedThisMonth, monthlyLimit, toppedUp, resetAt } = balance;
    return {
      kind: 'value',
      value: renderCredits(balance),
      text:
        `${available} credits are available, ${reserved} are reserved, ${usedThisMonth} of ${monthlyLimit} are used this month. ` +
        (toppedUp > 0 ? `${toppedUp} are left of top-ups. ` : '') +
        `The month starts anew at ${tellMoment(resetAt)}.`,
    };
  },
});
