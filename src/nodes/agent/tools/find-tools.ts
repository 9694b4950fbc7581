import { isJsonObject, type Json, type JsonSchema } from '../../../core/json.js';
import { NodeFailure, type ListItem, type NodeContext } from '../../../core/handlers/node-kind.js';
import { shortToolName } from '../../../core/tool-form/tool-text.js';
import { BUILT_IN_TOOLS } from './built-in-tools.js';
import { argsChooseHost } from './args-choose-host.js';
import { callCode } from './call-code.js';
import { exchange } from '../../http/http.js';
import type { HttpSettings } from '../../http/http-settings.js';
import { callMcp, nameMcpTools, type ServerTools } from './mcp-tools.js';
import type { AgentTool } from './tool.js';

const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {} };

/**
 * Every tool of an agent by its name, the built-in ones first. What workflows and MCP servers take is asked once: an
 * agent that goes on has what it had.
 */
export async function findTools(context: NodeContext): Promise<ReadonlyMap<string, AgentTool>> {
  const items = context.list('tools');
  const named = await Promise.all(
    items.filter(({ values }) => values['mcp'] === undefined).map((item) => toTool(item, context)),
  );
  const servers = await Promise.all(
    items.filter(({ values }) => values['mcp'] !== undefined).map(({ values }) => listServer(values, context)),
  );
  const own = [...BUILT_IN_TOOLS, ...named];
  const ofServers = nameMcpTools({ servers, taken: own.map(({ name }) => name) });
  const fromServers = ofServers.map(({ name, server, tool }): AgentTool => {
    const { description, inputSchema } = tool;
    return { name, description, inputSchema, call: (use) => callMcp({ ...use, server, tool: tool.name }) };
  });
  return new Map([...own, ...fromServers].map((tool) => [tool.name, tool]));
}

async function toTool(item: ListItem, context: NodeContext): Promise<AgentTool> {
  const { workflow } = item.values;
  if (typeof workflow === 'string') return workflowTool(workflow, item, context);
  const { name, description, input } = item.values;
  const told = {
    name: name as string,
    description: description as string,
    inputSchema: (input as JsonSchema | undefined) ?? NO_ARGUMENTS,
  };
  if (!item.has('http')) return { ...told, call: async (use) => callCode(await item.handler(), use) };
  // What the model has read may tell it where to ask.
  const hosts = argsChooseHost(item.written('http')) ? 'public' : null;
  return {
    ...told,
    call: async ({ args, key, idempotencyKey }) => {
      const settings = (await item.evaluate('http', args, key)) as unknown as HttpSettings;
      const { signal, fetch, parseJson } = context;
      const place = { signal, fetch, idempotencyKey, parseJson };
      const answer = await exchange({ ...settings, hosts: settings.hosts ?? hosts }, place);
      const { status = null, body = null } = isJsonObject(answer) ? answer : {};
      return { status, body };
    },
  };
}

async function workflowTool(workflowId: string, { values }: ListItem, context: NodeContext): Promise<AgentTool> {
  const { name = shortToolName(workflowId), description } = values;
  const workflow = await context.step(`workflow ${workflowId}`, () => {
    const found = context.describeWorkflow(workflowId);
    if (found !== null) return found;
    throw new NodeFailure(`There is no workflow ${workflowId}`, { kind: 'not_found', retryable: false });
  });
  return {
    name: name as string,
    description: typeof description === 'string' ? description : `${workflow.name}: ${workflow.description}`,
    inputSchema: workflow.inputSchema,
    run: (input) => ({ workflowId, version: null, input }),
  };
}

async function listServer(values: { readonly [name: string]: Json }, context: NodeContext): Promise<ServerTools> {
  const server = values['mcp'] as string;
  const allow = values['allow'] as readonly string[] | undefined;
  const { signal, run, organization, mcp } = context;
  const tools = await context.step(`tools of ${server}`, () =>
    mcp.list({ server, workflowId: run.workflowId, organizationId: organization.id, runId: run.id, signal }),
  );
  const missing = allow?.find((name) => !tools.some((tool) => tool.name === name));
  if (missing !== undefined) {
    throw new NodeFailure(`The MCP server ${server} has no tool ${missing} that this workflow may call`, {
      kind: 'mcp_unknown_tool',
      retryable: false,
    });
  }
  return { server, tools: tools.filter(({ name }) => allow?.includes(name) !== false) };
}
