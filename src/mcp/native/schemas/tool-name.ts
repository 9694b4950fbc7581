import { hashedToolName, shortToolName } from '../../../core/tool-form/tool-text.js';

/** The tools that the native contract always has, in the order in which they are listed. */
export const OWN_TOOLS = [
  'list_workflows',
  'get_workflow',
  'estimate_workflow',
  'run_workflow',
  'run_batch',
  'get_run_status',
  'list_runs',
  'cancel_run',
  'answer_run',
  'retry_run',
  'rerun',
  'get_credits',
  'list_schedules',
  'preview_schedule',
  'create_schedule',
  'update_schedule',
  'delete_schedule',
  'list_hooks',
  'create_hook',
  'delete_hook',
  'send_event',
  'check_workflow',
  'try_workflow',
  'read_workflow',
  'create_workflow',
  'update_workflow',
  'delete_workflow',
  'preview_bulk_job',
  'start_bulk_job',
  'get_bulk_job',
  'stop_bulk_job',
] as const;
export type OwnTool = (typeof OWN_TOOLS)[number];

const PREFIX = 'workflow_';
/** What went before such a name in earlier versions; clients may have kept it. */
const FORMER_PREFIX = 'workflow-';

/**
 * The name of a workflow's tool: its id, but where that is too long for some host, or is the name of one of Errand's
 * own or would be taken for a name that was made of one.
 */
export function toToolName(workflowId: string): string {
  if (isOwn(workflowId)) return PREFIX + workflowId;
  return ownBehind(PREFIX, workflowId) === null ? shortToolName(workflowId) : hashedToolName(workflowId);
}

/**
 * The workflow that the name alone tells, if there is one: no other can be named so, except for one with a part of its
 * hash in its name.
 */
export function toWorkflowId(toolName: string): string | null {
  if (isOwn(toolName)) return null;
  return ownBehind(PREFIX, toolName) ?? ownBehind(FORMER_PREFIX, toolName) ?? toolName;
}

function ownBehind(prefix: string, name: string): string | null {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return isOwn(rest) ? rest : null;
}

function isOwn(name: string): boolean {
  return (OWN_TOOLS as readonly string[]).includes(name);
}
