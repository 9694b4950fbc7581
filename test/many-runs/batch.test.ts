import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiBatch, ApiRunListItem } from '../../src/api/api-types.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';
import { waitForTagged } from '../support/server/server-runs.js';

const page = readFileSync(join(repository, 'docs', 'many-runs.md'), 'utf8');

const PAID = `
id: paid
name: Paid
description: Costs a credit.
credits: 1
input: { type: object, properties: { n: { type: integer } }, required: [n], additionalProperties: false }
nodes:
  - { id: say, kind: transform, with: '{{ input.n }}' }
`;

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-batch-'));
  writeFileSync(join(folder, 'paid.yaml'), PAID);
  writeFileSync(join(folder, 'grade.yaml'), /```yaml\n([\s\S]+?)```/.exec(page)?.[1] ?? '');
  await serve();
  await call('PUT', '/organizations/default/credits', { monthly_credits: 1_000_000 });
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<void> {
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
}

const call = (method: string, path: string, body?: unknown) =>
  server.api(path, { method, key: KEY, ...(body === undefined ? {} : { body }) });

async function startAll(runs: readonly object[]): Promise<ApiBatch> {
  const { status, body } = await call('POST', '/runs/batch', { runs });
  expect({ status, body }).toMatchObject({ status: 200 });
  return body as unknown as ApiBatch;
}

async function credits(): Promise<Record<string, unknown>> {
  return (await call('GET', '/credits')).body;
}

/** All runs that a tag finds, once they have ended. */
const ended = (tag: string, count: number): Promise<readonly ApiRunListItem[]> =>
  waitForTagged(() => server, tag, { count, stands: ({ terminal }) => terminal });

const errand = (...args: string[]) => runCommand(args, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: KEY } });

describe('a batch of runs', { timeout: 90_000 }, () => {
  it('has an outcome for each: started, started before, or refused for what is wrong with it', async () => {
    const one = (n: unknown, more: object = {}) => ({ workflow_id: 'paid', input: { n }, tags: ['mixed'], ...more });
    const { body: earlier } = await call('POST', '/runs', one(0, { idempotency_key: 'k0' }));
    const answer = await startAll([
      one(1),
      one('x'),
      one(0, { idempotency_key: 'k0' }),
      one(9, { idempotency_key: 'k0' }),
      one(2, { idempotency_key: 'k2' }),
      one(2, { idempotency_key: 'k2' }),
      one(3, { idempotency_key: 'k2' }),
      { workflow_id: 'nothing' },
      one(4, { tags: [' '] }),
    ]);
    expect(answer).toMatchObject({ started: 2, repeated: 2, refused: 5 });
    expect(answer.outcomes.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      'started',
      'invalid_input',
      'repeated',
      'conflict',
      'started',
      'repeated',
      'conflict',
      'not_found',
      'invalid_input',
    ]);
    expect(answer.outcomes[2]?.run?.run_id).toBe(earlier['run_id']);
    expect(answer.outcomes[5]?.run?.run_id).toBe(answer.outcomes[4]?.run?.run_id);
    expect(answer.outcomes[1]?.error?.problems).toMatchObject([{ path: '/n' }]);
    expect((await ended('mixed', 3)).every(({ status }) => status === 'completed')).toBe(true);
  });

  it('starts each of a thousand once, though the server dies and the call is repeated', async () => {
    const runs = Array.from({ length: 1_000 }, (_, n) => ({
      workflow_id: 'paid',
      input: { n },
      idempotency_key: `thousand ${n}`,
      tags: ['thousand'],
    }));
    const before = await credits();
    const first = await startAll(runs);
    expect(first).toMatchObject({ started: 1_000, refused: 0 });
    await server.end('SIGKILL');
    await serve();
    const again = await startAll(runs);
    expect(again).toMatchObject({ started: 0, repeated: 1_000 });
    const ids = (answer: ApiBatch) => answer.outcomes.map(({ run }) => run?.run_id);
    expect(ids(again)).toEqual(ids(first));
    expect((await ended('thousand', 1_000)).every(({ status }) => status === 'completed')).toBe(true);
    const after = await credits();
    expect(Number(after['used_this_month']) - Number(before['used_this_month'])).toBe(1_000);
    expect(after['reserved']).toBe(0);
  });

  it('reserves credits for as many as there are credits for', async () => {
    const { used_this_month: used } = await credits();
    await call('PUT', '/organizations/default/credits', { monthly_credits: Number(used) + 3 });
    const runs = Array.from({ length: 5 }, (_, n) => ({ workflow_id: 'paid', input: { n } }));
    const answer = await startAll(runs);
    expect(answer.outcomes.map(({ error }) => error?.code ?? 'started')).toEqual([
      'started',
      'started',
      'started',
      'insufficient_credits',
      'insufficient_credits',
    ]);
    await call('PUT', '/organizations/default/credits', { monthly_credits: 1_000_000 });
  });

  it.each([
    [{ runs: [] }, '/runs'],
    [{ runs: Array.from({ length: 1_001 }, () => ({ workflow_id: 'paid' })) }, '/runs'],
    [{ runs: [{ input: {} }] }, '/runs/0/workflow_id'],
    [{ runs: [{ workflow_id: 'paid', wait_seconds: 1 }] }, '/runs/0/wait_seconds'],
  ])('whose form is wrong is refused as a whole', async (body, path) => {
    const refused = await call('POST', '/runs/batch', body);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain(path);
  });

  it('is made of the lines of a file at the command line', async () => {
    const file = join(folder, 'inputs.jsonl');
    const lines = Array.from({ length: 1_100 }, (_, n) => JSON.stringify({ n: n === 1_050 ? 'x' : n }));
    writeFileSync(file, `${lines.join('\n')}\n\n`);
    const args = ['run', 'paid', '--batch', file, '--idempotency-key', 'file', '--tag', 'file'];
    const { code, out, err } = await errand(...args);
    expect(code).toBe(1);
    expect(new Set(out.trim().split('\n')).size).toBe(1_099);
    expect(err).toContain('Line 1051: The input does not fit workflow paid');
    const again = await errand(...args, '--json');
    expect(JSON.parse(again.out)).toMatchObject({ started: 0, repeated: 1_099, refused: 1 });
    await ended('file', 1_099);
    writeFileSync(file, '{"n":1}\nnothing\n');
    expect((await errand('run', 'paid', '--batch', file)).err).toContain('Line 2 is not JSON');
    expect((await errand('run', 'paid', '--batch', file, '--watch')).err).toContain('--batch goes without');
    expect((await errand('run', 'paid', '--batch', join(folder, 'none'))).err).toContain('Cannot read the file');
  });

  it('is started by an assistant', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const headers = { Authorization: `Bearer ${KEY}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers } }));
    try {
      const args = {
        workflow_id: 'paid',
        inputs: [{ n: 1 }, { n: 'x' }, { n: 3 }],
        idempotency_key: 'mcp',
        tags: ['mcp'],
      };
      const { structuredContent } = await client.callTool({ name: 'run_batch', arguments: args });
      expect(structuredContent).toMatchObject({
        started: 2,
        refused: 1,
        runs: [{ index: 0, created: true }, { index: 2 }],
        refusals: [{ index: 1, code: 'invalid_input' }],
      });
      const again = await client.callTool({ name: 'run_batch', arguments: args });
      expect(again.structuredContent).toMatchObject({ started: 0, repeated: 2, refused: 1 });
      expect(await ended('mcp', 2)).toHaveLength(2);
    } finally {
      await client.close();
    }
  });
});

describe('docs/many-runs.md', () => {
  it('shows a batch that is taken as it stands', async () => {
    const shown = /runs\/batch[\s\S]+?-d '(\{[\s\S]+?\})'/.exec(page)?.[1] ?? '';
    const { runs } = JSON.parse(shown) as { runs: object[] };
    expect(await startAll(runs)).toMatchObject({ started: runs.length, refused: 0 });
  });
});
