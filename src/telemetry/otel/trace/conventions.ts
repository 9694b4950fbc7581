/**
 * How spans and metrics are named: the semantic conventions of OpenTelemetry for GenAI and MCP (their release 0.1.0, of
 * status development) and for HTTP (stable), all in this file. What they have no name for begins with `errand.`. No
 * attribute holds what models or tools were told or have answered.
 */
import type { Json } from '../../../core/json.js';
import type { McpToolCall } from '../../../core/ports/mcp-tools.js';
import type { TracedMcpRequest, TracedRequest } from '../../../core/ports/tracing.js';
import type { ModelAnswer, ModelRequest } from '../../../core/models/models.js';
import type { Attributes } from './attributes.js';
import { isAgent, type NodeExecution } from '../../../core/run/node-execution.js';
import { sumUsage, type Run } from '../../../core/run/run.js';

export interface Named {
  readonly name: string;
  readonly attributes: Attributes;
}

export const TOKEN_USAGE = 'gen_ai.client.token.usage';
export const OPERATION_DURATION = 'gen_ai.client.operation.duration';
export const ERROR_TYPE = 'error.type';

export function aboutRun(run: Run): Named {
  const { id, organizationId, workflowId, workflowVersion, status, retries } = run;
  const usage = sumUsage(run);
  const attributes: Attributes = {
    'gen_ai.operation.name': 'invoke_workflow',
    'gen_ai.agent.name': workflowId,
    'errand.run.id': id,
    'errand.run.status': status,
    'errand.organization.id': organizationId,
    'errand.workflow.id': workflowId,
    'errand.workflow.version': workflowVersion,
  };
  if (usage !== null) Object.assign(attributes, tokens(usage));
  if (retries !== undefined) attributes['errand.run.retries'] = retries.count;
  if (run.parent !== undefined) attributes['errand.run.parent_id'] = run.parent.runId;
  if (run.rerunOf !== undefined) attributes['errand.run.rerun_of'] = run.rerunOf.runId;
  if (run.error !== null) attributes[ERROR_TYPE] = run.error.kind;
  return { name: `invoke_workflow ${workflowId}`, attributes };
}

/** Where a run is accepted that belongs to nobody's trace: it begins one. */
export function aboutAcceptance(workflowId: string): Named {
  return { name: `accept ${workflowId}`, attributes: { 'errand.workflow.id': workflowId } };
}

/** Of a run that goes on, in a trace of its own. */
export function aboutResumption({ id, organizationId, workflowId }: Run): Named {
  const attributes = {
    'errand.run.id': id,
    'errand.organization.id': organizationId,
    'errand.workflow.id': workflowId,
  };
  return { name: `resume ${workflowId}`, attributes };
}

export function aboutNode(run: Run, node: NodeExecution): Named {
  const attributes: Attributes = {
    'errand.run.id': run.id,
    'errand.organization.id': run.organizationId,
    'errand.node.id': node.id,
    'errand.node.kind': node.kind,
    'errand.node.status': node.status,
  };
  if (node.error !== null) attributes[ERROR_TYPE] = node.error.kind;
  if (node.childRunId !== undefined) attributes['errand.node.child_run_id'] = node.childRunId;
  if (!isAgent(node)) return { name: `${node.kind} ${node.id}`, attributes };
  attributes['gen_ai.operation.name'] = 'invoke_agent';
  attributes['gen_ai.agent.name'] = node.label ?? node.id;
  if (node.usage !== undefined) Object.assign(attributes, tokens(node.usage));
  return { name: `invoke_agent ${node.label ?? node.id}`, attributes };
}

export function aboutAttempt(node: Pick<NodeExecution, 'id' | 'kind'>, attempt: number): Named {
  const attributes = { 'errand.node.id': node.id, 'errand.node.kind': node.kind, 'errand.node.attempt': attempt };
  return { name: `attempt ${attempt}`, attributes };
}

export function aboutModelCall({ models, settings = {}, output }: ModelRequest): Named {
  const [model = 'unknown'] = models;
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': modelOf(model),
    'gen_ai.request.stream': true,
    'gen_ai.output.type': output === undefined ? 'text' : 'json',
  };
  // An alias has no provider before it was looked up.
  if (model.includes('/')) attributes['gen_ai.provider.name'] = providerOf(model);
  const { temperature, maxOutputTokens, topP, stop, seed } = settings;
  if (temperature !== undefined) attributes['gen_ai.request.temperature'] = temperature;
  if (maxOutputTokens !== undefined) attributes['gen_ai.request.max_tokens'] = maxOutputTokens;
  if (topP !== undefined) attributes['gen_ai.request.top_p'] = topP;
  if (stop !== undefined) attributes['gen_ai.request.stop_sequences'] = [...stop];
  if (seed !== undefined) attributes['gen_ai.request.seed'] = seed;
  return { name: `chat ${modelOf(model)}`, attributes };
}

/** The same call once it is known which model an alias stood for. */
export function aboutNamedModel({ models: [asked = ''] }: ModelRequest, { model }: ModelAnswer): Named {
  const named = modelOf(asked.includes('/') ? asked : model);
  return { name: `chat ${named}`, attributes: { 'gen_ai.request.model': named } };
}

export function aboutModelAnswer({ model, finish, usage }: ModelAnswer): Attributes {
  return {
    'gen_ai.provider.name': providerOf(model),
    'gen_ai.response.model': modelOf(model),
    'gen_ai.response.finish_reasons': [finish],
    ...tokens(usage),
  };
}

export function aboutTool({ name, callId }: { readonly name: string; readonly callId: string }): Named {
  return {
    name: `execute_tool ${name}`,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name, 'gen_ai.tool.call.id': callId },
  };
}

/** A tool of another MCP server, called from here. */
export function aboutMcpCall({ server, tool }: McpToolCall): Named {
  return {
    name: `tools/call ${tool}`,
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'errand.mcp.server': server,
    },
  };
}

/** A request to this server. The names in it come from the caller, and are cut. */
export function aboutMcpRequest({ method, params, id }: Omit<TracedMcpRequest<never>, 'failure'>): Named {
  const attributes: Attributes = { 'mcp.method.name': method, 'jsonrpc.request.id': String(id).slice(0, MAX_NAME) };
  const target = nameIn(params['name']);
  if (target !== null && method === 'tools/call') {
    attributes['gen_ai.operation.name'] = 'execute_tool';
    attributes['gen_ai.tool.name'] = target;
  } else if (target !== null && method === 'prompts/get') attributes['gen_ai.prompt.name'] = target;
  return { name: target === null ? method : `${method} ${target}`, attributes };
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function aboutRequest({ method: given }: Pick<TracedRequest, 'method'>, route: string | null): Named {
  const method = METHODS.has(given) ? given : '_OTHER';
  const attributes: Attributes = { 'http.request.method': method, 'url.scheme': 'http' };
  if (route !== null) attributes['http.route'] = route;
  return { name: route === null ? method : `${method} ${route}`, attributes };
}

export function aboutStatus(status: number): Attributes {
  const attributes: Attributes = { 'http.response.status_code': status };
  if (status >= 500) attributes[ERROR_TYPE] = String(status);
  return attributes;
}

/** Paths and queries may be secrets (those of web hooks are), and stay out of it. */
export function aboutOutgoing(method: string, { protocol, hostname, port }: URL): Named {
  const scheme = protocol.slice(0, -1);
  const attributes = {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': port === '' ? (scheme === 'https' ? 443 : 80) : Number(port),
    'url.scheme': scheme,
  };
  return { name: method, attributes };
}

const MAX_NAME = 128;

function nameIn(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME) : null;
}

function tokens(usage: {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}) {
  return {
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
  };
}

const PROVIDERS: { readonly [name: string]: string } = {
  google: 'gcp.gemini',
  'google-vertex': 'gcp.vertex_ai',
  'amazon-bedrock': 'aws.bedrock',
  azure: 'azure.ai.openai',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};

/** `openai/gpt-5`: before the first slash. */
function providerOf(fullName: string): string {
  const provider = fullName.slice(0, Math.max(0, fullName.indexOf('/')));
  return PROVIDERS[provider] ?? provider;
}

function modelOf(fullName: string): string {
  return fullName.slice(fullName.indexOf('/') + 1);
}
