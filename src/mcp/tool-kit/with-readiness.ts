import type { WorkflowRecord } from '../../core/workflow/definition.js';
import type { CallContext } from '../contract/call-context.js';

/**
 * The workflow with what is to be set before it can be started at the end of its description: for contracts without a
 * field for that.
 */
export function withReadiness(workflow: WorkflowRecord, notReady: string | undefined): WorkflowRecord {
  if (notReady === undefined) return workflow;
  const { definition } = workflow.version;
  const description = `${definition.description.trim()} It cannot be started yet: ${notReady}`;
  return { ...workflow, version: { ...workflow.version, definition: { ...definition, description } } };
}

/** Every workflow, told of in this way. */
export async function listWithReadiness({
  services,
  caller,
}: Pick<CallContext, 'services' | 'caller'>): Promise<readonly WorkflowRecord[]> {
  const workflows = await services.listWorkflows(caller);
  const notReady = await services.listNotReady(caller);
  return workflows.map((workflow) => withReadiness(workflow, notReady.get(workflow.version.workflowId)));
}
