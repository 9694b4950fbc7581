import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTelemetry } from '../../src/app/process/open-telemetry.js';
import { listen, setUp } from '../support/http/local-servers-under-test.js';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { waitForEnd } from '../support/server/server-runs.js';
import { attributeOf, Collector, type CollectedSpan } from './collector.js';

setUp();

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;
const SECRET = 'sk-secret-of-the-model';
const SAID = 'what only the model and the run may know';

const cleanUps: (() => Promise<unknown>)[] = [];
let folder: string;
let models: ModelServer;
let collector: Collector;
let stock: { readonly url: string; readonly visits: IncomingHttpHeaders[] };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-telemetry-'));
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'workflows'));
  models = await startModelServer();
  cleanUps.push(() => models.close());
  collector = await Collector.start();
  cleanUps.push(() => collector.close());
  stock = await startStock();
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startStock(): Promise<typeof stock> {
  const visits: IncomingHttpHeaders[] = [];
  const port = await listen((request, response) => {
    visits.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"left":7}');
  });
  return { url: `http://127.0.0.1:${port}`, visits };
}

async function serve(env: Record<string, string> = collector.env): Promise<ServerProcess> {
  const server = await ServerProcess.start({
    data: join(folder, 'data'),
    workflows: join(folder, 'workflows'),
    env: {
      OPENAI_API_KEY: SECRET,
      OPENAI_BASE_URL: models.url,
      ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini',
      ERRAND_LOG_LEVEL: 'info',
      ...env,
    },
  });
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

function addFile(name: string, text: string): void {
  writeFileSync(join(folder, 'workflows', name), text);
}

/** Five agents: a model, one with a tool, a handler that asks a service, another workflow, and one that ends it all. */
function addFiveAgents(): void {
  const program = fileURLToPath(new URL('../support/tool-servers/tool-server.mjs', import.meta.url));
  addFile('mcp-servers.yaml', `tools: { command: ${process.execPath}, args: [${program}] }\n`);
  addFile('ask.mjs', `export default async ({ fetch, input }) => (await fetch(input.url)).json();`);
  addFile('child.yaml', 'id: child\nname: Child\ndescription: D.\nnodes: [{ id: think, kind: llm, prompt: Child. }]\n');
  addFile(
    'five.yaml',
    `id: five
name: Five
description: Has five agents.
nodes:
  - { id: writer, kind: llm, role: writer, label: Writer, prompt: '${SAID}' }
  - id: clerk
    kind: agent
    role: clerk
    label: Clerk
    goal: Look.
    tools: [{ name: look, description: Looks., http: { url: '${stock.url}/secret-path' } }]
  - { id: asker, kind: code, role: asker, label: Asker, uses: ./ask.mjs, with: { url: '${stock.url}' } }
  - { id: boss, kind: workflow, role: boss, label: Boss, workflow: child }
  - { id: where, kind: mcp, server: tools, tool: environment }
  - { id: last, kind: llm, role: last, label: Last, prompt: Last., needs: [writer, clerk, asker, boss, where] }
result: { meta: '{{ $eval(nodes.where.output.text).meta }}' }
`,
  );
}

/** Starts a run by MCP, as a client does that is traced itself. */
async function runByMcp(server: ServerProcess, workflowId: string): Promise<string> {
  const transport = new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${KEY}` } },
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const { structuredContent, isError } = await client.callTool({
    name: 'run_workflow',
    arguments: { workflow_id: workflowId },
    _meta: { traceparent: TRACEPARENT },
  });
  await client.close();
  expect(isError ?? false).toBe(false);
  return String((structuredContent as Record<string, unknown>)['run_id']);
}

/** The names of the spans from this one up to the caller's. */
function pathOf(span: CollectedSpan): readonly string[] {
  const parent = collector.spans.get(span.parentSpanId ?? '');
  return parent === undefined ? [span.name] : [span.name, ...pathOf(parent)];
}

function pathsOf(name: string): readonly string[] {
  return collector
    .named(name)
    .map((span) => pathOf(span).join(' < '))
    .toSorted();
}

describe('a run of five agents in the middle of which the server is killed', () => {
  it('is one whole trace, from who called to whom was asked', { timeout: 240_000 }, async () => {
    addFiveAgents();
    let isLost = false;
    models.script(({ messages }) => {
      const text = messages[0]?.text ?? '';
      if (text === 'Last.' && !isLost) {
        isLost = true;
        return { kind: 'hang' };
      }
      const isClerk = text.includes('Look.');
      const isTold = messages.some(({ toolResults }) => toolResults.length > 0);
      return isClerk && !isTold ? { toolCalls: [{ name: 'look', input: {} }] } : 'Done.';
    });
    const first = await serve();
    const runId = await runByMcp(first, 'five');
    await collector.until(() => (collector.named('chat gpt-5-mini').length === 4 ? true : undefined));
    await collector.until(() => collector.named('invoke_workflow child')[0]);
    await collector.until(() => collector.named('tools/call environment')[0]);
    await expect.poll(() => isLost).toBe(true);
    // Its start is on record a moment later.
    await expect
      .poll(async () => (await first.api(`/runs/${runId}`)).body)
      .toMatchObject({
        nodes: expect.arrayContaining([expect.objectContaining({ id: 'last', status: 'running' })]) as unknown,
      });
    await first.end('SIGKILL');

    const second = await serve();
    const ended = await waitForEnd(second, runId);
    expect(ended).toMatchObject({ status: 'completed' });
    const run = await collector.until(() => collector.named('invoke_workflow five')[0]);
    await second.end('SIGTERM');

    expect(new Set([...collector.spans.values()].map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const hasParent = ({ parentSpanId = '' }: CollectedSpan): boolean =>
      parentSpanId === CALLER || collector.spans.has(parentSpanId);
    expect([...collector.spans.values()].filter((span) => !hasParent(span))).toEqual([]);

    const top = 'invoke_workflow five < tools/call run_workflow';
    expect(pathOf(run).join(' < ')).toBe(top);
    for (const agent of ['Writer', 'Clerk', 'Asker', 'Boss', 'Last']) {
      expect(pathsOf(`invoke_agent ${agent}`)).toEqual([`invoke_agent ${agent} < ${top}`]);
    }
    const within = (agent: string): string => `attempt 1 < invoke_agent ${agent} < ${top}`;
    const child = `invoke_workflow child < ${within('Boss')}`;
    expect(pathsOf('chat gpt-5-mini')).toEqual(
      [
        `chat gpt-5-mini < attempt 1 < llm think < ${child}`,
        `chat gpt-5-mini < ${within('Clerk')}`,
        `chat gpt-5-mini < ${within('Clerk')}`,
        `chat gpt-5-mini < ${within('Last')}`,
        `chat gpt-5-mini < ${within('Writer')}`,
      ].toSorted(),
    );
    expect(pathsOf('execute_tool look')).toEqual([`execute_tool look < ${within('Clerk')}`]);
    expect(pathsOf('GET')).toEqual(
      [`GET < execute_tool look < ${within('Clerk')}`, `GET < ${within('Asker')}`].toSorted(),
    );
    const attempt = collector.named('attempt 1').find((span) => pathOf(span)[1] === 'invoke_agent Last');
    expect(attempt?.events?.map(({ name }) => name)).toEqual(['errand.taken_up_again']);

    // Who was asked was told of it.
    const asked = collector.named('GET').map(({ spanId }) => `00-${TRACE}-${spanId}-01`);
    expect(new Set(stock.visits.map((headers) => headers['traceparent']))).toEqual(new Set(asked));
    const [tool] = collector.named('tools/call environment');
    expect(ended.output).toMatchObject({ meta: { traceparent: `00-${TRACE}-${tool?.spanId}-01` } });

    for (const kept of [SECRET, SAID, KEY, 'secret-path']) expect(collector.text).not.toContain(kept);
    const [chat] = collector.named('chat gpt-5-mini');
    expect(chat === undefined ? null : attributeOf(chat, 'gen_ai.provider.name')).toBe('openai');
    expect(attributeOf(run, 'gen_ai.operation.name')).toBe('invoke_workflow');
    expect(attributeOf(run, 'errand.run.status')).toBe('completed');
  });
});

describe('a server that is told of a collector', () => {
  it('sends metrics and its log, whose lines tell the trace, the organization, the run and the node', async () => {
    addFile('bad.mjs', `export default () => { throw new Error('no luck'); };`);
    addFile(
      'bad.yaml',
      'id: bad\nname: Bad\ndescription: D.\nnodes: [{ id: it, kind: code, uses: ./bad.mjs, retry: { attempts: 2, initial: 0 } }]\n',
    );
    const server = await serve();
    const response = await fetch(`${server.url}/api/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', traceparent: TRACEPARENT },
      body: JSON.stringify({ workflow_id: 'bad' }),
    });
    const { run_id: runId } = (await response.json()) as { run_id: string };
    await waitForEnd(server, runId);
    const run = await collector.until(() => collector.named('invoke_workflow bad')[0]);
    expect(pathOf(run)).toEqual(['invoke_workflow bad', 'POST /api/v1/runs']);
    expect(run.status.code).toBe(2);
    expect(pathsOf('attempt 1')).toEqual(['attempt 1 < code it < invoke_workflow bad < POST /api/v1/runs']);
    expect(pathsOf('attempt 2')).toEqual(['attempt 2 < code it < invoke_workflow bad < POST /api/v1/runs']);

    const log = await collector.until(() =>
      collector.logs.find(({ body }) => body.stringValue === 'An attempt at a node failed'),
    );
    expect(log.traceId).toBe(TRACE);
    expect(attributeOf(log, 'runId')).toBe(runId.replace(/^run_/, ''));
    const line = server.output.split('\n').find((text) => text.includes('An attempt at a node failed')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      trace_id: TRACE,
      organizationId: expect.any(String) as string,
      runId: expect.any(String) as string,
      nodeId: 'it',
    });
    for (const name of ['errand.runs.ended', 'errand.run.queue', 'errand.http.requests', 'errand.process.resident']) {
      await collector.until(() => (collector.metrics.has(name) ? true : undefined));
    }
  });

  it('traces what belongs to nobody’s trace from the acceptance of its run on, and no requests besides', async () => {
    addFile('ok.yaml', 'id: ok\nname: Ok\ndescription: D.\nnodes: [{ id: it, kind: transform, with: 1 }]\n');
    const server = await serve();
    const { body } = await server.api('/runs', { method: 'POST', body: { workflow_id: 'ok' } });
    await waitForEnd(server, String(body['run_id']));
    const run = await collector.until(() => collector.named('invoke_workflow ok')[0]);
    expect(pathOf(run)).toEqual(['invoke_workflow ok', 'accept ok']);
    await server.end('SIGTERM');
    expect([...collector.spans.values()].filter(({ kind }) => kind === 2)).toEqual([]);
  });
});

describe('OpenTelemetry’s SDK', () => {
  it('is asked for by OTEL_ variables only, and is named where it is missing', async () => {
    const folders = [folder];
    expect(await openTelemetry({ env: {}, folders })).toBeNull();
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318';
    expect(
      await openTelemetry({ env: { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' }, folders }),
    ).toBeNull();
    await expect(openTelemetry({ env: { OTEL_EXPORTER_OTLP_ENDPOINT }, folders })).rejects.toThrow(
      /is not installed\. Install it .* npm install @opentelemetry\/sdk-node/,
    );
  });
});
