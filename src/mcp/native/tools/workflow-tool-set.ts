import type { WorkflowRecord } from '../../../core/workflow/definition.js';
import type { CallContext } from '../../contract/call-context.js';
import type { Tool, VaryingTools } from '../../contract/contract.js';
import { nullIfNotFound } from '../../tool-kit/not-found.js';
import { toToolName, toWorkflowId } from '../schemas/tool-name.js';
import { workflowTool } from './workflow-tool.js';

/** By version, so that a tool stays the same object for as long as its workflow stays the same. */
const tools = new WeakMap<WorkflowRecord['version'], Tool>();

/** Every published workflow as a tool. */
export const workflowToolSet: VaryingTools = {
  async list({ services, caller }: CallContext) {
    const workflows = await services.listWorkflows(caller);
    return workflows.filter(isPublished).map(toTool).toSorted(byName);
  },
  async find(name, { services, caller }) {
    const workflowId = toWorkflowId(name);
    if (workflowId === null) return null;
    const workflow =
      (await services.getWorkflow(caller, { workflowId }).catch(nullIfNotFound)) ??
      // A name that was cut does not tell the id.
      (await services.listWorkflows(caller)).find(({ version }) => toToolName(version.workflowId) === name) ??
      null;
    return workflow === null || !isPublished(workflow) ? null : toTool(workflow);
  },
};

function toTool({ version }: WorkflowRecord): Tool {
  const known = tools.get(version);
  if (known !== undefined) return known;
  const tool = workflowTool(version.definition, toToolName(version.workflowId));
  tools.set(version, tool);
  return tool;
}

function isPublished({ version }: WorkflowRecord): boolean {
  return version.definition.publish !== false;
}

function byName(a: Tool, b: Tool): number {
  return a.name < b.name ? -1 : 1;
}
