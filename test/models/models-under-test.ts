import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Config } from '../../src/app/config/config.js';
import type { ApiEvent, ApiRun } from '../../src/api/api-types.js';
import type { RunningServer } from '../../src/app/running-server.js';
import { startServer } from '../../src/app/server.js';
import { type ModelServer, startModelServer } from '../support/model-servers/model-server.js';

/** A server with workflows that ask models of a scripted provider; each test has its own. */

export const OWN_KEY = 'sk-own-0123456789-abcdefghij';
export const ENV_KEY = 'sk-env-0123456789-abcdefghij';
export const SECRET = 'grandmother-keeps-the-cellar-key-under-the-blue-flowerpot';

export const MODELS = (url: string) => `
providers:
  house: { api: openai-compatible, base_url: ${url}, key_env: HOUSE_KEY }
aliases:
  quick: house/small
prices:
  house/small: { input: 1, output: 10 }
`;

const WORKFLOWS: { readonly [file: string]: string } = {
  'ask.yaml': `
id: ask
name: Ask
description: Asks a model.
credits: 5
input: { type: object, properties: { question: { type: string } } }
nodes:
  - id: answer
    kind: llm
    model: quick
    prompt: "{{ input.question }}"
  - id: count
    kind: transform
    needs: [answer]
    with: { length: "{{ $length(nodes.answer.output) }}" }
result: "{{ nodes.count.output }}"
`,
  'parent.yaml': `
id: parent
name: Parent
description: Has another workflow ask.
nodes:
  - { id: child, kind: workflow, workflow: ask, with: { question: hello } }
`,
  'plain.yaml': `
id: plain
name: Plain
description: Asks nobody.
nodes:
  - { id: a, kind: transform, with: { done: true } }
`,
  'sealed.yaml': `
id: sealed
isolation: inline
name: Sealed
description: Asks a model twice, then fails while a test says so.
nodes:
  - { id: talk, kind: code, uses: ./talk.mjs }
`,
  'clerk.yaml': `
id: clerk
name: Clerk
description: Has an agent ask, look and phone.
nodes:
  - id: clerk
    kind: agent
    model: house/small
    goal: Find it.
    tools:
      - { name: look, description: Looks., input: { type: object }, code: ./look.mjs }
      - { name: phone, description: Phones., input: { type: object }, code: "./look.mjs#phone" }
      - workflow: plain
`,
  'look.mjs': `
const secret = ${JSON.stringify(SECRET.split('-'))};
export default async function look({ input, step, progress }) {
  progress(0, 'looks');
  const inside = await step('inside', () => secret.join('-'));
  return { found: inside, asked: input };
}
export function phone() {
  throw new Error('nobody answers: ' + secret.join('-'));
}
`,
  // The words stand in no file as they are said.
  'talk.mjs': `
export default async function talk({ generate }) {
  const words = ${JSON.stringify(SECRET.split('-'))};
  const { text } = await generate({ model: 'house/small', prompt: 'Tell: ' + words.join('-') });
  await generate({ model: 'house/small', prompt: 'Thank you.' });
  if (globalThis.errandTestFails === true) throw new Error('not this time');
  return { length: text.length };
}
`,
};

export let folder = '';
export let models: ModelServer;
export let server: RunningServer;
export let key = '';

/** Signs calls with this key from now on. */
export function signWith(other: string): void {
  key = other;
}

export async function start(settings: Partial<Config> = {}): Promise<void> {
  server = await startServer({
    port: 0,
    logLevel: 'silent',
    dataDir: join(folder, 'data'),
    workflowsDir: join(folder, 'workflows'),
    ...settings,
  });
  key = server.firstKey ?? key;
}

export async function call(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: unknown; text: string }> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as unknown, text };
}

export async function tool(
  mount: string,
  name: string,
  args: object,
): Promise<{ isError?: boolean; structuredContent?: object; text: string }> {
  const response = await fetch(`${server.url}${mount}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  });
  const text = await response.text();
  const json = text.startsWith('event:') || text.startsWith('data:') ? text.slice(text.indexOf('{')) : text;
  const { result, error } = JSON.parse(json) as {
    result: { isError?: boolean; structuredContent?: object; content: { text: string }[] };
    error?: { message: string };
  };
  if (error !== undefined) return { isError: true, text: error.message };
  return { ...result, text: result.content.map((block) => block.text).join('\n') };
}

export const run = async (workflowId: string, input: object = {}): Promise<ApiRun> =>
  (await call('POST', '/runs', { workflow_id: workflowId, input, wait_seconds: 25 })).body as ApiRun;
export const setKey = () => call('PUT', '/model-credentials/house', { key: OWN_KEY });
export const eventsOf = async ({ run_id: id }: ApiRun): Promise<readonly ApiEvent[]> =>
  ((await call('GET', `/runs/${id}/events?limit=1000`)).body as { events: ApiEvent[] }).events;

/** Whether any file of the data folder holds the text. */
export function dataHolds(text: string): boolean {
  const data = join(folder, 'data');
  return readdirSync(data, { recursive: true, encoding: 'utf8' }).some((name) => {
    const file = join(data, name);
    return statSync(file).isFile() && readFileSync(file).includes(text);
  });
}

/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-models-'));
    models = await startModelServer();
    mkdirSync(join(folder, 'workflows'));
    for (const [file, text] of Object.entries(WORKFLOWS)) writeFileSync(join(folder, 'workflows', file), text);
    writeFileSync(join(folder, 'workflows', 'models.yaml'), MODELS(models.url));
  });
  afterEach(async () => {
    await server.close();
    await models.close();
    rmSync(folder, { recursive: true, force: true });
  });
}
