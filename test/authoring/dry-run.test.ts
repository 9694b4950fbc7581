import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDryRun } from '../../src/api/authoring-types.js';
import type { Json } from '../../src/core/json.js';
import { startServer } from '../../src/app/server.js';
import { KEY } from '../support/server/server-process.js';

const REFUND = `
id: refund
name: Refund
description: Pays an order back.
credits: 3
input:
  type: object
  required: [order]
  properties: { order: { type: string } }
secrets: [bank]
nodes:
  - { id: find, kind: http, retry: { attempts: 2, initial: 30s }, with: { url: 'http://127.0.0.1:1/{{ input.order }}' } }
  - id: judge
    kind: llm
    needs: [find]
    prompt: 'Is {{ nodes.find.output.body.total }} much?'
    output: { type: object, required: [much], properties: { much: { type: boolean }, why: { type: string } } }
  - { id: approve, kind: ask, needs: [judge], question: Pay?, answer: { type: string, enum: [yes, no] }, deadline: 2d }
  - { id: cool_off, kind: wait, needs: [approve], for: 3d }
  - id: each
    kind: map
    needs: [cool_off]
    over: '{{ [1, 2, 3] }}'
    do: { kind: http, with: { method: POST, url: 'http://127.0.0.1:1/pay', body: { part: '{{ item }}', key: '{{ secrets.bank }}' } } }
  - { id: tell, kind: workflow, needs: [each], workflow: notify, with: { to: '{{ input.order }}' } }
result: { answer: '{{ nodes.approve.output }}', much: '{{ nodes.judge.output.much }}', told: '{{ nodes.tell.output.sent }}' }
`;
const NOTIFY = `
id: notify
name: Notify
description: Tells somebody.
input: { type: object, required: [to], properties: { to: { type: string, maxLength: 5 } } }
output: { type: object, properties: { sent: { type: integer, minimum: 7 } } }
nodes:
  - { id: count, kind: transform, with: { sent: 1 } }
`;

let folder: string;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-dry-run-'));
  writeFileSync(join(folder, 'notify.yaml'), NOTIFY);
  server = await startServer({
    port: 0,
    dataDir: join(folder, 'data'),
    workflowsDir: folder,
    bootstrapKey: KEY,
    logLevel: 'fatal',
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function post(
  path: string,
  body: Json,
): Promise<{
  status: number;
  body: ApiDryRun & { readonly error: { readonly code?: string; readonly message: string } | null };
}> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as never };
}

const nodeOf = ({ nodes }: ApiDryRun, id: string) => nodes.find((node) => node.id === id);

describe('a dry run', () => {
  it('goes through every wait with samples in place of effects, and keeps, reaches and charges nothing', async () => {
    const { status, body } = await post('/drafts/try', { text: REFUND, input: { order: 'A1' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'completed',
      output: { answer: 'yes', much: true, told: 7 },
      credits: 3,
      waited_seconds: 3 * 86_400,
      cut_off: false,
    });
    expect(nodeOf(body, 'find')).toMatchObject({
      replaced_by: 'stand_in',
      calls: [{ attempt: 1, input: { url: 'http://127.0.0.1:1/A1' } }],
    });
    expect(nodeOf(body, 'each/do')).toMatchObject({ kind: 'http', call_count: 3, status: null });
    expect(nodeOf(body, 'cool_off')).toMatchObject({ replaced_by: null, status: 'completed' });
    const { runs } = (await (
      await fetch(`${server.url}/api/v1/runs`, { headers: { authorization: `Bearer ${KEY}` } })
    ).json()) as { runs: unknown[] };
    expect(runs).toEqual([]);
  });

  it('gives nodes what the caller says, one outcome after another', async () => {
    const busy = { error: { message: 'busy', kind: 'http_5xx' } };
    const outputs = {
      find: [busy, { output: { status: 200, body: { total: 40 } } }],
      approve: { output: 'no' },
      'each/do': { error: { message: 'declined', kind: 'declined', retryable: false } },
    };
    const { body } = await post('/drafts/try', { text: REFUND, input: { order: 'A1' }, outputs });
    expect(body).toMatchObject({ status: 'failed', error: { node_id: 'each' } });
    expect(nodeOf(body, 'find')).toMatchObject({ call_count: 2, replaced_by: 'given', status: 'completed' });
    expect(nodeOf(body, 'judge')?.calls[0]?.fields).toMatchObject({ prompt: 'Is 40 much?' });
    expect(nodeOf(body, 'tell')).toMatchObject({ call_count: 0, replaced_by: null });
  });

  it('finds what another workflow would refuse', async () => {
    const { body } = await post('/drafts/try', { text: REFUND, input: { order: 'too long' } });
    expect(body).toMatchObject({ status: 'failed', error: { node_id: 'tell', kind: 'invalid_input' } });
  });

  it('tries a draft', async () => {
    const created = await post('/drafts', { text: REFUND });
    const { id } = created.body as unknown as { id: string };
    const { status, body } = await post('/drafts/try', { draft_id: id, input: { order: 'A1' } });
    expect([status, body.status]).toEqual([200, 'completed']);
  });

  it.each([
    ['neither a text nor a draft', { input: {} }, 400, 'text or draft_id'],
    ['a text and a draft', { text: REFUND, draft_id: 'x' }, 400, 'text or draft_id'],
    ['a draft that is not there', { draft_id: 'x' }, 404, 'no draft'],
    ['a definition with faults', { text: 'id: a\nname: A\ndescription: A.\nnodes: []' }, 422, 'nodes'],
    ['an input that does not fit', { text: REFUND, input: {} }, 400, 'order'],
    [
      'an outcome for a node that is not there',
      { text: REFUND, input: { order: 'A' }, outputs: { pay: { output: 1 } } },
      400,
      'It has find, judge',
    ],
    [
      'an outcome that is both',
      { text: REFUND, input: { order: 'A' }, outputs: { find: { output: 1, error: { message: 'x' } } } },
      400,
      'outputs',
    ],
  ] as [string, Json, number, string][])('refuses %s', async (_, sent, status, told) => {
    const { status: found, body } = await post('/drafts/try', sent);
    expect([found, body.error?.message]).toEqual([status, expect.stringContaining(told)]);
  });

  it('has one of an organization at a time', async () => {
    const sent = { text: REFUND, input: { order: 'A1' } };
    const answers = await Promise.all(Array.from({ length: 4 }, () => post('/drafts/try', sent)));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(503);
  });
});
