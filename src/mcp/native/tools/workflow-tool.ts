import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import { toolDescription } from '../../../core/tool-form/tool-text.js';
import { argumentsForm, MAX_WAIT_SECONDS, workflowToolFacts } from '../../../core/tool-form/workflow-tool-text.js';
import { isErrandError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';
import { isTerminal } from '../../../core/run/run.js';
import type { Tool, ToolRequest, ToolOutcome } from '../../contract/contract.js';
import { appMeta } from '../app/apps.js';
import { toTask } from '../tasks/run-task.js';
import { readLabelsMeta } from './labels-meta.js';
import { readIdempotencyKey } from './idempotency-key.js';
import { runResult } from '../views/run-result.js';
import { waitReporting } from '../live/wait.js';
import { toolOutputSchema, toWorkflowInput } from '../schemas/workflow-schemas.js';

/** A workflow as a tool: starts it, and answers with a task, its result, or what to do next. */
export function workflowTool(definition: WorkflowDefinition, name: string): Tool {
  return {
    name,
    title: definition.name,
    // The author's words may be cut where they are too long for some host; what a call costs and how it is waited for
    // is always there.
    description: toolDescription(definition.description, workflowToolFacts(definition)),
    inputSchema: argumentsForm(definition).schema,
    outputSchema: toolOutputSchema(definition),
    mutates: true,
    scope: 'run',
    // Whether a workflow destroys anything only its author knows; hosts take the worse for granted.
    annotations: { idempotentHint: false, openWorldHint: true },
    taskSupport: 'optional',
    notifies: true,
    ...appMeta('run'),
    call: (call) => runAsTool(definition, call),
  };
}

async function runAsTool(definition: WorkflowDefinition, call: ToolRequest<JsonObject>): Promise<ToolOutcome> {
  const { services, caller, client } = call;
  const idempotencyKey = readIdempotencyKey(call.meta);
  const {
    run: started,
    workflow,
    created,
  } = await services.runWorkflow(caller, {
    workflowId: definition.id,
    input: toWorkflowInput(definition, call.args),
    ...(idempotencyKey === null ? {} : { idempotencyKey }),
    ...readLabelsMeta(call.meta),
  });
  const newest = workflow.version.definition;
  const end = async (run = started): Promise<ToolOutcome> => ({
    kind: 'content',
    result: runResult({
      run,
      definition: newest,
      now: services.clock.now(),
      waits: await services.explainWaits(caller, run),
      created,
    }),
  });
  // A repeated call whose work is done needs no task any more, where a task is not demanded.
  if (client.tasks === 'requested' || (client.tasks === 'extension' && !isTerminal(started.status))) {
    return { kind: 'task', task: toTask({ run: started, definition: newest, now: services.clock.now() }) };
  }
  if (isTerminal(started.status)) return await end();
  try {
    return await end(await waitReporting(call, { runId: started.id, seconds: MAX_WAIT_SECONDS }));
  } catch (thrown) {
    // The run is there, whatever keeps us from following it: its id must not be lost.
    if (isErrandError(thrown) && thrown.code === 'unavailable') return await end();
    throw thrown;
  }
}
