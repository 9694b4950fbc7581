import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bearer,
  KEY_A,
  KEY_B,
  post,
  startFixture,
  type Fixture,
} from '../../../../../test/support/http/http-fixture.js';
import { sampleWorkflow } from '../../../../../test/support/runs/sample-records.js';

let fixture: Fixture;
let runId: string;

beforeAll(async () => {
  const workflow = sampleWorkflow({
    credits: 0,
    secrets: ['crm_token'],
    nodes: [
      { id: 'find', kind: 'transform', with: { url: '{{ input.url }}' } },
      {
        id: 'ask',
        kind: 'http',
        needs: ['find'],
        when: '{{ nodes.find.output.ok }}',
        with: {
          url: 'https://example.com/{{ nodes.find.output.id }}',
          headers: { authorization: 'Bearer {{ secrets.crm_token }}' },
        },
      },
      { id: 'each', kind: 'map', needs: ['find'], over: '{{ nodes.find.output.rows }}', do: { kind: 'transform' } },
      { id: 'wrong', kind: 'transform', needs: ['find'], with: '{{ $number(nodes.find.output.id) }}' },
      {
        id: 'rows',
        kind: 'map',
        over: [],
        do: {
          kind: 'group',
          nodes: [
            { id: 'one', kind: 'transform' },
            { id: 'two', kind: 'ask', needs: ['one'], question: 'Well?', answer: {} },
          ],
        },
      },
    ],
  });
  fixture = await startFixture({ workflows: [workflow] });
  const started = await post(`${fixture.url}/api/v1/runs`, { workflow_id: 'site_checkup', input: { url: 'u' } });
  runId = ((await started.json()) as { run_id: string }).run_id;
  const { services } = fixture;
  const id = runId.replace('run_', '');
  await services.append(id, { kind: 'run.started' });
  await services.append(id, { kind: 'node.started', nodeId: 'find', attempt: 1 });
  const output = { ok: true, id: 'a7', rows: [1, 2] };
  await services.append(id, { kind: 'node.completed', nodeId: 'find', attempt: 1, output });
  for (const nodeId of ['ask', 'wrong']) await services.append(id, { kind: 'node.started', nodeId, attempt: 1 });
});
afterAll(() => fixture.close());

async function get(path: string, key = KEY_A): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${fixture.url}/api/v1/runs/${runId}${path}`, { headers: bearer(key) });
  return { status: response.status, body: await response.json() };
}

describe('the plan of a run, over REST', () => {
  it('says which nodes come after which', async () => {
    const plain = {
      kind: 'transform',
      join: 'all',
      conditional: false,
      inner_kind: null,
      nodes: [],
      numbered: false,
    };
    expect(await get('/graph')).toEqual({
      status: 200,
      body: {
        nodes: [
          { id: 'find', needs: [], ...plain },
          { id: 'ask', needs: ['find'], ...plain, kind: 'http', conditional: true },
          { id: 'each', needs: ['find'], ...plain, kind: 'map', inner_kind: 'transform', numbered: true },
          { id: 'wrong', needs: ['find'], ...plain },
          {
            id: 'rows',
            needs: [],
            ...plain,
            kind: 'map',
            inner_kind: 'group',
            nodes: [
              { id: 'one', needs: [], ...plain },
              { id: 'two', needs: ['one'], ...plain, kind: 'ask' },
            ],
            numbered: true,
          },
        ],
      },
    });
  });

  it('shows what a node was given, and of secrets the names alone', async () => {
    expect(await get('/nodes/find/input')).toEqual({
      status: 200,
      body: { input: { url: 'u' }, fields: {}, error: null },
    });
    expect((await get('/nodes/ask/input')).body).toMatchObject({
      input: { url: 'https://example.com/a7', headers: { authorization: 'Bearer [secret crm_token]' } },
      error: null,
    });
  });

  it('says why a node could be given nothing', async () => {
    expect((await get('/nodes/wrong/input')).body).toMatchObject({
      input: null,
      fields: {},
      error: { kind: 'invalid_expression' },
    });
  });

  it('refuses what is not there, has not begun, or is of another organization', async () => {
    expect((await get('/nodes/none/input')).status).toBe(404);
    expect((await get('/nodes/each/input')).status).toBe(409);
    for (const path of ['/graph', '/nodes/find/input'])
      expect([path, (await get(path, KEY_B)).status]).toEqual([path, 404]);
  });
});
