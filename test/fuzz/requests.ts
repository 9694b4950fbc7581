import type { JsonObject } from '../../src/core/json.js';

/** What there is to ask about. */
export interface Known {
  readonly key: string;
  readonly workflowId: string;
  /** An ended run's bare UUID. */
  readonly runId: string;
}

/** A whole HTTP request with a message in it. */
export interface FuzzRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
  /** The body as JSON, where it is any. */
  readonly json: unknown;
  /** Whether nothing was changed about it, so that it must be answered with a result. */
  readonly intact: boolean;
}

export const STATELESS = '2026-07-28';
export const REVISIONS = [STATELESS, '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
export const MOUNT_PATHS = ['/mcp', '/mcp/workflows/', '/api/mcp-app'] as const;
type MountPath = (typeof MOUNT_PATHS)[number];

const PREFIX = 'io.modelcontextprotocol/';

interface Template {
  readonly method: string;
  readonly params: JsonObject;
}

/** Messages that each mount answers with a result, in the revision. */
export function templatesOf(path: MountPath, revision: string, known: Known): readonly Template[] {
  const stateless = revision === STATELESS;
  const shared: readonly Template[] = [
    stateless
      ? { method: 'server/discover', params: {} }
      : {
          method: 'initialize',
          params: { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'f', version: '1' } },
        },
    ...(stateless ? [] : [{ method: 'ping', params: {} }]),
    { method: 'tools/list', params: {} },
    ...callsOf(path, known).map(({ method, params }) => ({ method, params })),
  ];
  return path === '/mcp' ? [...shared, ...nativeOnly(revision, known)] : shared;
}

const call = (name: string, args: JsonObject): Template => ({
  method: 'tools/call',
  params: { name, arguments: args },
});

const DEFINITION = 'id: a\nnodes: [{ id: x, kind: transform }]';
/** Nobody's: what is to change or delete it says that it is not there. */
const NO_ID = '0190b0c2-7f3a-7abc-8def-0123456789ab';

function nativeCalls({ workflowId, runId }: Known): readonly Template[] {
  const run_id = `run_${runId}`;
  return [
    call('list_workflows', { limit: 3, offset: 0 }),
    call('get_workflow', { workflow_id: workflowId }),
    call('estimate_workflow', { workflow_id: workflowId }),
    call('run_workflow', { workflow_id: workflowId, input: { name: 'Ada' }, idempotency_key: 'once' }),
    call('run_batch', { workflow_id: workflowId, inputs: [{ name: 'Ada' }, {}], idempotency_key: 'batch' }),
    call('get_run_status', { run_id, wait_seconds: 1, since_version: 0, detail: 'full' }),
    call('list_runs', { status: 'completed', limit: 2 }),
    call('cancel_run', { run_id }),
    call('retry_run', { run_id }),
    call('rerun', { run_id, from_node: 'hello', idempotency_key: 'rerun' }),
    call('answer_run', { run_id, node_id: 'hello', answer: true }),
    call('get_credits', {}),
    call('list_schedules', { limit: 3 }),
    call('preview_schedule', { cron: '30 2 * * *', timezone: 'Europe/Berlin', count: 3 }),
    call('create_schedule', { name: 'fuzz', workflow_id: workflowId, cron: '@yearly', idempotency_key: 'schedule' }),
    call('update_schedule', { schedule_id: NO_ID, enabled: false }),
    call('delete_schedule', { schedule_id: NO_ID }),
    call('list_hooks', {}),
    call('create_hook', { workflow_id: workflowId, signature: 'github' }),
    call('delete_hook', { hook_id: NO_ID }),
    call('send_event', { name: 'fuzz', key: 'k', keep_for_seconds: 0 }),
    call('preview_bulk_job', { action: 'rerun', tags: ['fuzz'] }),
    call('start_bulk_job', { action: 'cancel', tags: ['fuzz'], idempotency_key: 'job' }),
    call('get_bulk_job', { job_id: NO_ID }),
    call('stop_bulk_job', { job_id: NO_ID }),
    call('check_workflow', { definition: DEFINITION }),
    call('try_workflow', { definition: DEFINITION, outputs: { x: { output: 1 } } }),
    call('read_workflow', { workflow_id: workflowId }),
    call('create_workflow', { definition: DEFINITION, publish: false, idempotency_key: 'draft' }),
    call('update_workflow', { workflow_id: 'nobody', definition: DEFINITION }),
    call('delete_workflow', { workflow_id: 'nobody' }),
    call(workflowId, { name: 'Bo' }),
  ];
}

function callsOf(path: MountPath, known: Known): readonly Template[] {
  const { workflowId, runId } = known;
  switch (path) {
    case '/mcp':
      return nativeCalls(known);
    case '/mcp/workflows/':
      return [
        call('list_workflows', {}),
        call('get_workflow', { workflow_id: `agent_${workflowId}` }),
        call('run_workflow', { workflow_id: workflowId, input_data: { name: 'Ada' }, context: 'be brief' }),
        call('get_run_status', { run_id: `agent_run_${runId.replaceAll('-', '')}` }),
      ];
    case '/api/mcp-app':
      return [
        call('list_workflows', {}),
        call('get_run_status', { runId }),
        call('list_workflow_runs', { limit: 2 }),
        call('get_credits', {}),
      ];
  }
}

function nativeOnly(revision: string, { workflowId, runId }: Known): readonly Template[] {
  const taskId = `run_${runId}`;
  const completion: readonly Template[] =
    revision === '2024-11-05'
      ? []
      : [
          {
            method: 'completion/complete',
            params: {
              ref: { type: 'ref/resource', uri: 'errand://workflows/{id}' },
              argument: { name: 'id', value: 'g' },
            },
          },
        ];
  const tasks: readonly Template[] =
    revision === STATELESS
      ? [
          { method: 'tasks/get', params: { taskId } },
          { method: 'tasks/cancel', params: { taskId } },
          { method: 'tasks/update', params: { taskId, inputResponses: {} } },
          {
            method: 'subscriptions/listen',
            params: {
              notifications: {
                toolsListChanged: true,
                resourceSubscriptions: [`errand://runs/${runId}`],
                taskIds: [taskId],
              },
            },
          },
        ]
      : revision === '2025-11-25'
        ? [
            { method: 'tasks/get', params: { taskId } },
            { method: 'tasks/result', params: { taskId } },
            { method: 'tasks/list', params: {} },
            { method: 'tools/call', params: { name: workflowId, arguments: { name: 'Cy' }, task: { ttl: 60_000 } } },
          ]
        : [];
  return [
    { method: 'resources/list', params: {} },
    { method: 'resources/templates/list', params: {} },
    { method: 'resources/read', params: { uri: `errand://runs/run_${runId}` } },
    { method: 'resources/read', params: { uri: `errand://workflows/${workflowId}` } },
    { method: 'prompts/list', params: {} },
    { method: 'prompts/get', params: { name: workflowId, arguments: { name: 'Ada' } } },
    ...completion,
    ...tasks,
  ];
}

/** A template as a client of its revision sends it. */
export function toRequest(params: {
  readonly path: MountPath;
  readonly revision: string;
  readonly template: Template;
  readonly id: string | number;
  readonly known: Known;
  readonly progress: boolean;
}): FuzzRequest {
  const { path, revision, template, id, known, progress } = params;
  const stateless = revision === STATELESS;
  const token: JsonObject = progress ? { progressToken: 'p' } : {};
  const meta: JsonObject = stateless
    ? {
        [`${PREFIX}protocolVersion`]: revision,
        [`${PREFIX}clientInfo`]: { name: 'fuzz', version: '1' },
        [`${PREFIX}clientCapabilities`]: { elicitation: {}, extensions: { [`${PREFIX}tasks`]: {} } },
        ...token,
      }
    : token;
  const { name = template.params['uri'] ?? template.params['taskId'] } = template.params;
  const own = stateless || progress ? { ...template.params, _meta: meta } : template.params;
  const json = { jsonrpc: '2.0', id, method: template.method, params: own };
  return {
    path,
    method: 'POST',
    headers: {
      authorization: `Bearer ${known.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(template.method === 'initialize' ? {} : { 'mcp-protocol-version': revision }),
      ...(stateless ? { 'mcp-method': template.method } : {}),
      ...(stateless && typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: Buffer.from(JSON.stringify(json)),
    json,
    intact: true,
  };
}
