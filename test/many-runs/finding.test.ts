import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';

const page = readFileSync(join(repository, 'docs', 'many-runs.md'), 'utf8');

const FAILS = `
id: fails
name: Fails
description: Fails unless told otherwise.
credits: 1
searchable: [input.order, output.done]
output: { type: object }
nodes:
  - { id: try, kind: transform, with: "{{ input.fine ? { 'done': true } : $error('down') }}" }
`;

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-finding-'));
  writeFileSync(join(folder, 'grade.yaml'), /```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '');
  writeFileSync(join(folder, 'fails.yaml'), FAILS);
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const call = (method: string, path: string, body?: unknown) =>
  server.api(path, { method, key: KEY, ...(body === undefined ? {} : { body }) });

async function start(values: object): Promise<ApiRun> {
  const { status, body } = await call('POST', '/runs', { wait_seconds: 20, ...values });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as unknown as ApiRun;
}

async function find(query: string): Promise<readonly string[]> {
  const { status, body } = await call('GET', `/runs?${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return (body['runs'] as ApiRun[]).map(({ run_id }) => run_id);
}

const errand = (...args: string[]) => runCommand(args, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: KEY } });

describe('docs/many-runs.md', () => {
  it('shows a run that is started and found as it says', async () => {
    const shown = JSON.parse(/-d '(\{[\s\S]+?\})'/.exec(page)?.[1] ?? '') as object;
    const run = await start(shown);
    expect(run).toMatchObject({ status: 'completed', tags: ['nightly'], metadata: { region: 'eu' } });
    const query = /\/runs\?([^']+)'/.exec(page)?.[1] ?? '';
    expect(query).toContain('field=');
    expect(await find(query)).toEqual([run.run_id]);
    expect(await find('field=output.grade=A&field=metadata.region=eu')).toEqual([run.run_id]);
    expect(await find('field=output.grade=B')).toEqual([]);
    const { out } = await errand('runs', '--tag', 'nightly', '--field', 'output.grade=A', '--since', '2d', '--json');
    expect((JSON.parse(out) as { runs: ApiRun[] }).runs.map(({ run_id }) => run_id)).toEqual([run.run_id]);
  });
});

describe('tags, metadata and searchable fields', () => {
  it('find runs by all that is asked, page by page, and what a retry came to in place of the first try', async () => {
    const failed = [];
    for (const order of [1, 2, 3]) {
      failed.push(await start({ workflow_id: 'fails', input: { order }, tags: ['b', 'a', 'b'] }));
    }
    const ids = failed.map(({ run_id }) => run_id).toReversed();
    expect(failed[0]).toMatchObject({ status: 'failed', tags: ['a', 'b'] });
    const { body: first } = await call('GET', '/runs?tag=a&tag=b&status=failed,cancelled&limit=2');
    expect(first).toMatchObject({ total: null, next_before: ids[1], runs: [{ run_id: ids[0] }, { run_id: ids[1] }] });
    expect(await find(`tag=a&tag=b&status=failed,cancelled&before=${String(first['next_before'])}`)).toEqual([ids[2]]);
    expect(await find(`tag=a&created_from=${failed[1]?.created_at}`)).toEqual(ids.slice(0, 2));
    expect(await find(`tag=a&created_before=${failed[1]?.created_at}`)).toEqual([ids[2]]);
    const { body: again } = await call('POST', `/runs/${ids[0]}/rerun`, { input: { order: 3, fine: true } });
    expect(again).toMatchObject({ tags: ['a', 'b'] });
    const id = String(again['run_id']);
    await vi.waitFor(async () => expect(await find('field=output.done=true')).toEqual([id]), { timeout: 10_000 });
    expect(await find('field=input.order=3')).toEqual([id, ids[0]]);
  });

  it.each([
    ['tag=', '/tags/0 must have 1 to 100 characters'],
    ['field=input.order', 'written as path=value'],
    ['field=input.nope=1', 'there are metadata.NAME, input.customer.id, input.order, output.done, output.grade'],
    ['field=input.order=1&workflow_id=grade', 'workflow grade does not declare it'],
    ['status=failed,nope', 'must be one of pending'],
    ['created_from=yesterday', 'RFC 3339'],
    ['tag=a&offset=1', 'give before'],
    [Array.from({ length: 11 }, (_, n) => `tag=${n}`).join('&'), 'at most 10'],
  ])('refuse %s', async (query, message) => {
    const { status, body } = await call('GET', `/runs?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(message);
  });

  it.each([
    [{ tags: ['a\nb'] }, '/tags/0 must be one line of text'],
    [{ tags: [' '] }, '/tags/0 must have 1 to 100'],
    [{ tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }, '/tags'],
    [{ metadata: { 'a b': 'c' } }, 'must have a name of 1 to 64'],
    [{ metadata: { a: 7 } }, '/metadata/a'],
  ])('refuse a run with %j', async (labels, message) => {
    const { status, body } = await call('POST', '/runs', { workflow_id: 'grade', input: { points: 1 }, ...labels });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(message);
  });

  it('are given and asked for by MCP clients', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const headers = { Authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    try {
      const use = async (name: string, args: Record<string, unknown>, _meta?: Record<string, unknown>) =>
        client.callTool({ name, arguments: args, ...(_meta === undefined ? {} : { _meta }) });
      const labels = { tags: ['mcp'], metadata: { by: 'tool' } };
      await use('run_workflow', { workflow_id: 'grade', input: { points: 1 }, wait_seconds: 20, ...labels });
      const meta = { 'dev.errand/tags': ['mcp'], 'dev.errand/metadata': { by: 'meta' } };
      await use('grade', { points: 95 }, meta);
      const { structuredContent: found } = await use('list_runs', { tags: ['mcp'] });
      expect(found).toMatchObject({ next_before: null, runs: [{ tags: ['mcp'] }, { tags: ['mcp'] }] });
      const one = await use('list_runs', { tags: ['mcp'], fields: ['metadata.by=meta', 'output.grade=A'] });
      expect(one.structuredContent).toMatchObject({ runs: [{ workflow_id: 'grade' }] });
      const refused = await use('grade', { points: 1 }, { 'dev.errand/tags': 'mcp' });
      expect(refused.isError).toBe(true);
    } finally {
      await client.close();
    }
  });

  it('are told of at the command line', async () => {
    const { code, out } = await errand('run', 'grade', '--input', '{"points":1}', '--tag', 'cli', '--metadata', 'a=b');
    expect(code).toBe(0);
    expect(await find('tag=cli&field=metadata.a=b')).toEqual([out.trim()]);
    expect((await errand('run', 'grade', '--metadata', 'nothing')).err).toContain('name=value');
    expect((await errand('runs', '--status', 'nope')).err).toContain('--status must be one of');
  });
});
