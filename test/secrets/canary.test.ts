import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import { nodeKinds } from '../../src/nodes/registry.js';
import { runCommand } from '../support/server/run-command.js';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/http/webhook-receiver.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';
import { waitForEnd } from '../support/server/server-runs.js';

/** Nothing else holds it, and every encoding changes it. */
const CANARY = 'canary/Zq8+w&9<x>y z0LmN4pQ7rS2tU=';
const base64 = (value: string) => Buffer.from(value).toString('base64');
/** What must stand nowhere: the value, what is left of it when it is cut, and its encodings. */
const TRACES = [
  CANARY,
  CANARY.slice(0, 10),
  CANARY.slice(-10),
  CANARY.slice(12, 24),
  encodeURIComponent(CANARY),
  Buffer.from(CANARY).toString('hex'),
  base64(CANARY).slice(0, 20),
  base64(`u:${CANARY}`).slice(4, 24),
  base64(`us:${CANARY}`).slice(4, 24),
];

/** What a service could tell of a value that it was sent. */
function leak(value: string): object {
  return {
    plain: value,
    [value]: 'as a name',
    url: encodeURIComponent(value),
    hex: Buffer.from(value).toString('hex'),
    base64: base64(value),
    basic: `Basic ${base64(`u:${value}`)}`,
    basic2: `Basic ${base64(`us:${value}`)}`,
    json: JSON.stringify({ value }),
    cut: `it was ${value.slice(0, 20)}`,
    dots: `it was ${value.slice(0, 15)}…`,
    rest: `${value.slice(-12)} it was`,
    pieces: [value.slice(0, 12), value.slice(12, 24), value.slice(24)],
  };
}

const CODE = `
const leak = ${leak.toString()};
const base64 = (value) => Buffer.from(value).toString('base64');
export default async function ({ secrets, input, progress, findings, log, step, fetch, generate }) {
  const value = await secrets.get('canary');
  progress(50, 'now ' + value);
  findings('found ' + base64(value));
  log.warn({ value, deep: [{ value }], error: new Error(value) }, 'the value is ' + value);
  if (input.prints) console.error('printed', value);
  await step('kept', () => leak(value));
  if (input.as === 'throw') throw Object.assign(new Error('x'.repeat(1_990) + value), { kind: 'kind ' + value });
  if (input.as === 'late' && input.prints) setTimeout(() => console.error('later', value), 30);
  if (input.as === 'ask') return (await generate({ prompt: 'what is ' + value })).text;
  return leak(value);
}
`;

const TOOL = `export default async ({ secrets, input }) => {
  const value = await secrets.get('canary');
  if (input.fails) throw new Error('the tool failed with ' + value);
  return { of: 'the tool', value };
};
`;

/** One node of each kind: those that can use the secret do, and the others are given what those came to. */
function everyKind({ url, headers }: { readonly url: string; readonly headers: string }): string {
  const ask = (id: string, more = ''): string =>
    `{ id: ${id}, kind: http, with: { url: '${url}', ${headers} }${more} }`;
  const kept = '{{ nodes.plain.output }}';
  return `  - ${ask('plain')}
  - { id: code_node, kind: code, uses: ./use.mjs, with: { as: give, prints: true } }
  - { id: mapped, kind: map, over: '{{ [1, 2] }}', do: { kind: group, nodes: [${ask('in_map')}, { id: nap, kind: wait, needs: [in_map], for: 10ms }] } }
  - { id: grouped, kind: group, nodes: [${ask('in_group')}, { id: told, kind: transform, needs: [in_group], with: '{{ nodes.in_group.output }}' }] }
  - { id: rounds, kind: repeat, at_most: 3, until: round = 2, nodes: [${ask('in_round')}] }
  - { id: chosen, kind: switch, cases: [${ask('in_case', ", when: 'true'")}, { id: other, kind: transform, with: no }] }
  - { id: raced, kind: race, branches: [${ask('in_branch')}, { id: late, kind: wait, for: 1h }] }
  - { id: started, kind: workflow, workflow: child }
  - { id: shown, kind: transform, needs: [plain], with: '${kept}' }
  - { id: counted, kind: script, needs: [plain], with: { it: '${kept}' }, source: 'return input' }
  - { id: tool_node, kind: mcp, server: tools, tool: echo, with: { text: 'it is {{ secrets.canary }}' } }
  - { id: model_node, kind: llm, prompt: 'Say {{ secrets.canary }} again' }
  - id: agent_node
    kind: agent
    role: clerk
    label: Clerk
    needs: [plain]
    goal: 'Find out what {{ $string(nodes.plain.output.body.cut) }} means'
    tools:
      - { name: look, description: Looks., input: { type: object, properties: { fails: { type: boolean } } }, code: ./tool.mjs }
  - { id: emitted, kind: emit, needs: [plain], name: canary.seen, key: '{{ run.id }}', with: '${kept}' }
  - { id: heard, kind: event, needs: [plain], name: canary.seen, match: '{{ run.id }}', deadline: 1m }
  - { id: rested, kind: wait, for: 10ms }
  - id: asked
    kind: ask
    needs: [plain]
    question: 'Is it {{ $string(nodes.plain.output) }}?'
    answer: { type: boolean }
result: '{{ $map($keys(nodes), function($id) { $lookup(nodes, $id).output }) }}'`;
}

const SECRETS = 'secrets: [canary]';
const flow = (id: string, nodes: string): string =>
  `id: ${id}\nname: ${id}\ndescription: Uses a secret.\n${SECRETS}\nnodes:\n${nodes}\n`;

let folder: string;
let server: ServerProcess;
let models: ModelServer;
let receiver: WebhookReceiver;
let service: Server;
/** The run that is written into a file. */
let exported = '';
/** What the service got as a password. */
const passwords: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-canary-'));
  mkdirSync(join(folder, 'workflows'));
  service = createServer((request, response) => {
    const value = decodeURIComponent((request.headers.authorization ?? '').replace('Bearer ', ''));
    passwords.push(value);
    const status = request.url?.startsWith('/fail') === true ? 500 : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': encodeURIComponent(value) });
    response.end(JSON.stringify(leak(value)));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  models = await startModelServer();
  models.script(({ messages }) => ({ text: `you said: ${messages[0]?.text ?? ''}` }));
  receiver = await startWebhookReceiver();
  const headers = `headers: { authorization: 'Bearer {{ secrets.canary }}' }`;
  const write = (name: string, text: string): void => writeFileSync(join(folder, 'workflows', name), text);
  write('use.mjs', CODE);
  write('asks_http.yaml', flow('asks_http', `  - { id: a, kind: http, with: { url: '${address}/', ${headers} } }`));
  write(
    'fails_http.yaml',
    flow(
      'fails_http',
      `  - id: a\n    kind: http\n    with: { url: '${address}/fail?key={{ $encodeUrlComponent(secrets.canary) }}', ${headers} }`,
    ),
  );
  write(
    'bad_http.yaml',
    flow('bad_http', `  - { id: a, kind: http, with: { url: '${address}/', method: '{{ secrets.canary }}' } }`),
  );
  write(
    'maps.yaml',
    flow(
      'maps',
      `  - id: a\n    kind: map\n    over: '{{ [1, 2] }}'\n    do: { kind: http, with: { url: '${address}/{{ item }}', ${headers} } }`,
    ),
  );
  write(
    'asks_mcp.yaml',
    flow(
      'asks_mcp',
      `  - { id: a, kind: mcp, server: tools, tool: echo, with: { text: 'it is {{ secrets.canary }}' } }`,
    ),
  );
  write('asks_llm.yaml', flow('asks_llm', `  - { id: a, kind: llm, prompt: 'Say {{ secrets.canary }} again' }`));
  for (const as of ['give', 'throw', 'late', 'ask'])
    for (const isolation of ['process', 'thread', 'inline'])
      write(
        `code_${as}_${isolation}.yaml`,
        `isolation: ${isolation}\n` +
          flow(
            `code_${as}_${isolation}`,
            `  - { id: a, kind: code, uses: ./use.mjs, with: { as: ${as}, prints: ${isolation !== 'inline'} } }`,
          ),
      );
  write('child.yaml', flow('child', `  - { id: a, kind: http, with: { url: '${address}/', ${headers} } }`));
  write('tool.mjs', TOOL);
  write('every_kind.yaml', flow('every_kind', everyKind({ url: `${address}/`, headers })));
  const tools = join(repository, 'test', 'support', 'tool-servers', 'tool-server.mjs');
  write('mcp-servers.yaml', `tools: { command: ${process.execPath}, args: ['${tools}'] }\n`);
  server = await ServerProcess.start({
    data: join(folder, 'data'),
    workflows: join(folder, 'workflows'),
    env: {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: models.url,
      ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini',
      ERRAND_OUTBOUND_ALLOW: '127.0.0.1',
      ERRAND_LOG_LEVEL: 'debug',
    },
  });
}, 60_000);

afterAll(async () => {
  await server.end('SIGKILL');
  await models.close();
  await receiver.close();
  service.closeAllConnections();
  service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The same as `server.api`, with the answer kept. */
async function api(path: string, init?: Parameters<ServerProcess['api']>[1]): Promise<Record<string, unknown>> {
  const { body } = await server.api(path, init);
  answers.push(JSON.stringify(body));
  return body;
}

async function run(workflowId: string): Promise<Record<string, unknown>> {
  const started = await api('/runs', { method: 'POST', body: { workflow_id: workflowId, input: {} } });
  const ended = await waitForEnd(server, String(started['run_id']));
  answers.push(JSON.stringify(ended));
  await api(`/runs/${String(started['run_id'])}/events?limit=1000`);
  return ended as unknown as Record<string, unknown>;
}

function expectNone(text: string, where: string): void {
  for (const trace of TRACES) {
    const at = text.indexOf(trace);
    expect(at === -1 ? null : `${where}: ${text.slice(Math.max(0, at - 200), at + 200)}`).toBeNull();
  }
}

const FLOWS = ['asks_http', 'fails_http', 'bad_http', 'maps', 'asks_mcp', 'asks_llm'].concat(
  ['give', 'throw', 'late', 'ask'].flatMap((as) =>
    ['process', 'thread', 'inline'].map((isolation) => `code_${as}_${isolation}`),
  ),
);

describe('a secret', () => {
  it('is needed before a workflow that names it can be started, and is asked for and never shown', async () => {
    const listed = await api('/workflows/asks_http');
    expect(listed).toMatchObject({ ready: false });
    expect(listed['not_ready_because']).toContain('The secret canary is not set: errand secrets set canary');
    const refused = await server.api('/runs', { method: 'POST', body: { workflow_id: 'asks_http' } });
    expect(refused.status).toBe(409);
    const env = { ERRAND_URL: server.url, ERRAND_API_KEY: KEY };
    const set = await runCommand(['secrets', 'set', 'canary'], { env, stdin: `${CANARY}\n` });
    expect(set).toMatchObject({ code: 0, out: 'Set the secret canary.\n' });
    const { out } = await runCommand(['secrets', '--json'], { env });
    expect(JSON.parse(out)).toMatchObject({ secrets: [{ name: 'canary', source: 'organization' }] });
    answers.push(out);
    expect(await api('/workflows/asks_http')).toMatchObject({ ready: true });
    await api('/webhooks', {
      method: 'POST',
      body: { url: receiver.url, events: ['run.completed', 'run.failed', 'node.completed'] },
    });
  });

  it.each(FLOWS)('is used by %s, and does not leave with what that gives', { timeout: 60_000 }, async (workflowId) => {
    const ended = await run(workflowId);
    const isFailure = /fail|bad|throw/.test(workflowId);
    expect(ended).toMatchObject({ status: isFailure ? 'failed' : 'completed' });
    expectNone(JSON.stringify(ended), workflowId);
    // The failure of one tells nothing of what was sent.
    expect(JSON.stringify(ended).includes('[secret canary]')).toBe(workflowId !== 'fails_http');
  });

  it('does not leave with a run of every kind of node, nor with its callback', { timeout: 60_000 }, async () => {
    models.script(({ messages, tools }) => {
      const results = messages.flatMap(({ toolResults }) => toolResults);
      const has = (name: string): boolean => tools.some((tool) => tool.name === name);
      if (!has('look')) return { text: `you said: ${messages[0]?.text ?? ''}` };
      if (results.length === 0) return { toolCalls: [{ name: 'look', input: {} }] };
      if (results.length === 1) return { toolCalls: [{ name: 'look', input: { fails: true } }] };
      if (results.length === 2) {
        const findings = `they gave ${results.map(({ output }) => output).join(' and ')}`;
        return { toolCalls: [{ name: 'record_findings', input: { findings } }] };
      }
      return { text: `all in all: ${results.map(({ output }) => output).join(' and ')}` };
    });
    const events = ['run.completed', 'run.failed', 'run.waiting', 'node.completed'];
    const callback = { url: `${receiver.url}/callback`, events };
    const started = await api('/runs', { method: 'POST', body: { workflow_id: 'every_kind', callback } });
    expect(started).toHaveProperty('run_id');
    const runId = String(started['run_id']);
    await vi.waitFor(
      async () => {
        const { nodes } = (await api(`/runs/${runId}`)) as unknown as ApiRun;
        expect(nodes.find(({ id }) => id === 'asked')).toMatchObject({ status: 'waiting' });
      },
      { timeout: 30_000, interval: 100 },
    );
    await api(`/runs/${runId}/nodes/asked/answer`, { method: 'POST', body: { answer: true } });
    const ended = await waitForEnd(server, runId);
    answers.push(JSON.stringify(ended));
    expect({ status: ended.status, error: ended.error }).toEqual({ status: 'completed', error: null });
    const kinds = new Set(ended.nodes.map(({ kind }) => kind));
    expect([...nodeKinds.keys()].filter((kind) => !kinds.has(kind))).toEqual([]);
    expectNone(JSON.stringify(ended), 'every_kind');
    await api(`/runs/${runId}/events?limit=1000`);
    for (const node of ['mapped', 'rounds']) await api(`/runs/${runId}/nodes/${node}/items`);
    for (const { id } of ended.nodes) await api(`/runs/${runId}/nodes/${id}/input`);
    const isTold = (): boolean =>
      receiver.received.some(({ path, body }) => path === '/callback' && body.includes('run.completed'));
    await vi.waitFor(() => expect(isTold()).toBe(true), { timeout: 20_000 });
    const told = receiver.received.filter(({ path }) => path === '/callback').map(({ body }) => body);
    expect(told.join()).toContain('[secret canary]');
    exported = runId;
  });

  it('was really sent where it was meant to go', () => {
    expect(passwords.length).toBeGreaterThan(3);
    expect(new Set(passwords)).toEqual(new Set([CANARY]));
    expect(models.requests.some(({ body }) => JSON.stringify(body).includes(CANARY))).toBe(true);
  });

  it('stands afterwards in no answer, log, file, message or backup', { timeout: 60_000 }, async () => {
    await api('/runs?limit=100');
    const { body } = await server.api('/webhook-deliveries?limit=100');
    answers.push(JSON.stringify(body));
    expect(receiver.received.length).toBeGreaterThan(10);
    for (const { body: text } of receiver.received) expectNone(text, 'webhook');
    for (const text of answers) expectNone(text, 'answer');
    const env = { ERRAND_URL: server.url, ERRAND_API_KEY: KEY };
    const runFile = join(folder, 'run.json');
    expect((await runCommand(['export', exported, '--to', runFile], { env })).code).toBe(0);
    const trail = await runCommand(['audit', 'export'], { env });
    expect(trail.out).toContain('secret.set');
    expectNone(trail.out, 'audit trail');
    const backup = join(folder, 'backup.db');
    expect((await runCommand(['backup', backup, '--data', join(folder, 'data')])).code).toBe(0);
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    expectNone(await metrics.text(), 'metrics');
    await server.end('SIGTERM');
    expect(server.output).toContain('[secret canary]');
    expectNone(server.output, 'log');
    const files = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, 'data', name))
      .concat(backup, runFile)
      .filter((file) => statSync(file).isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expectNone(readFileSync(file, 'latin1'), file);
  });
});
