/** The tools that the native contract always has, in the order in which they are listed. */
export const OWN_TOOLS = [
  'list_workflows',
  'get_workflow',
  'run_workflow',
  'get_run_status',
  'list_runs',
  'cancel_run',
  'answer_run',
  'retry_run',
  'rerun',
  'get_credits',
] as const;
export type OwnTool = (typeof OWN_TOOLS)[number];

/** No workflow id holds a dash, so a name made with this is no other workflow's. */
const PREFIX = 'workflow-';

/** The name of a workflow's tool: its id, but where that is the name of one of Errand's own. */
export function toToolName(workflowId: string): string {
  return isOwn(workflowId) ? PREFIX + workflowId : workflowId;
}

/** The workflow whose tool is named so, if there is one. */
export function toWorkflowId(toolName: string): string | null {
  if (isOwn(toolName)) return null;
  const id = toolName.startsWith(PREFIX) ? toolName.slice(PREFIX.length) : toolName;
  return toToolName(id) === toolName ? id : null;
}

function isOwn(name: string): boolean {
  return (OWN_TOOLS as readonly string[]).includes(name);
}
