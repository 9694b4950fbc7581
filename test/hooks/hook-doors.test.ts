import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiHook, ApiNewHook } from '../../src/api/hook-types.js';
import { send } from './sender.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';

const ECHO = `
id: echo
name: Echo
description: Gives what it was given.
nodes:
  - { id: say, kind: transform, with: '{{ input }}' }
`;
const PAGE = readFileSync(join(repository, 'docs/hooks.md'), 'utf8');
const exampleOf = (language: string): string =>
  new RegExp(`\n\`\`\`${language}\n([^]*?)\n\`\`\`\n`).exec(PAGE)?.[1] ?? '';

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-hooks-'));
  writeFileSync(join(folder, 'echo.yaml'), ECHO);
  writeFileSync(join(folder, 'review_push.yaml'), exampleOf('yaml'));
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder, env: {} });
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const call = (method: string, path: string, body?: unknown) =>
  server.api(path, { method, key: KEY, ...(body === undefined ? {} : { body }) });

describe('the example of the page', () => {
  it('starts a run for a push that is signed as GitHub does', async () => {
    const settings = JSON.parse(exampleOf('json')) as { readonly secret: string };
    const { body: made } = await call('POST', '/hooks', { answer: 'result', ...settings });
    const hook = made as unknown as ApiNewHook;
    const push = async (event: string, delivery: string) => {
      const body = JSON.stringify({
        repository: { full_name: 'octo/site' },
        commits: [{ message: 'one' }, { message: 'two' }],
      });
      return send(hook, body, {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': delivery,
        'x-hub-signature-256': `sha256=${createHmac('sha256', settings.secret).update(body).digest('hex')}`,
      });
    };
    const first = await push('push', '72d3162e');
    expect(first).toMatchObject({ status: 200, body: { output: '2 commits in octo/site', repeated: false } });
    expect((await push('push', '72d3162e')).body).toMatchObject({ run_id: first.body['run_id'], repeated: true });
    expect((await push('star', '72d3162f')).body).toEqual({ ignored: true });
    expect(await push('ping', '72d31630')).toMatchObject({ status: 200, text: 'pong' });
  });
});

describe('the tools of assistants', () => {
  it('create, list and delete hooks', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const headers = { authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    const use = async (name: string, args: object) => {
      const { structuredContent } = await client.callTool({ name, arguments: { ...args } });
      return structuredContent as { readonly [field: string]: unknown };
    };
    const given = { workflow_id: 'echo', answer: 'result', input: { got: '{{ body.a }}' } };
    const hook = await use('create_hook', given);
    const sent = await send({ url: server.url + String(hook['path']) }, '{"a":5}');
    expect(sent.body['output']).toEqual({ got: 5 });
    const { hooks } = await use('list_hooks', {});
    expect(hooks).toContainEqual(expect.objectContaining({ id: hook['id'], accepted: 1 }));
    expect(JSON.stringify(hooks)).not.toContain('ehk_');
    expect(await use('delete_hook', { hook_id: hook['id'] })).toEqual({ id: hook['id'], deleted: true });
    await client.close();
  });
});

describe('errand hooks', () => {
  it('makes, lists, changes and deletes hooks', async () => {
    const env = { ERRAND_URL: server.url, ERRAND_API_KEY: KEY };
    const made = await runCommand(['hooks', 'create', 'echo', '--name', 'By hand', '--answer', 'result'], { env });
    const url = made.out.trim();
    expect((await send({ url }, '{"say":"hello"}')).body['output']).toEqual({ say: 'hello' });
    const listed = await runCommand(['hooks', '--json'], { env });
    const { hooks } = JSON.parse(listed.out) as { hooks: ApiHook[] };
    const hook = hooks.find(({ name }) => name === 'By hand');
    expect(hook?.accepted).toBe(1);
    const rotated = await runCommand(['hooks', 'rotate', hook!.id], { env });
    expect((await send({ url: rotated.out.trim() }, '{}')).status).toBe(200);
    await runCommand(['hooks', 'disable', hook!.id], { env });
    expect((await send({ url: rotated.out.trim() }, '{}')).status).toBe(404);
    await runCommand(['hooks', 'delete', hook!.id], { env });
    expect((await call('GET', `/hooks/${hook!.id}`)).status).toBe(404);
  });
});
