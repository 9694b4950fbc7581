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
let append: (event: Parameters<Fixture['services']['append']>[1]) => Promise<unknown>;

beforeAll(async () => {
  const workflow = sampleWorkflow({
    credits: 0,
    secrets: ['crm_token'],
    nodes: [
      { id: 'list', kind: 'transform', with: ['a', 'b'] },
      {
        id: 'each',
        kind: 'map',
        needs: ['list'],
        over: '{{ nodes.list.output }}',
        do: {
          kind: 'group',
          nodes: [
            { id: 'fetch', kind: 'transform', with: { page: '{{ item }}', place: '{{ index }}' } },
            {
              id: 'judge',
              kind: 'transform',
              needs: ['fetch'],
              with: { page: '{{ nodes.fetch.output.page }}', all: '{{ $count(nodes.list.output) }}' },
            },
          ],
        },
      },
      {
        id: 'plain',
        kind: 'map',
        needs: ['list'],
        over: '{{ nodes.list.output }}',
        do: { kind: 'http', with: { url: 'https://example.com/{{ item }}?{{ secrets.crm_token }}' } },
      },
      {
        id: 'polish',
        kind: 'repeat',
        nodes: [{ id: 'draft', kind: 'transform', with: { round: '{{ round }}', before: '{{ previous }}' } }],
        until: '{{ false }}',
        at_most: 3,
      },
    ],
  });
  fixture = await startFixture({ workflows: [workflow] });
  const started = await post(`${fixture.url}/api/v1/runs`, { workflow_id: 'site_checkup', input: { url: 'u' } });
  runId = ((await started.json()) as { run_id: string }).run_id;
  append = (event) => fixture.services.append(runId.replace('run_', ''), event);
  await append({ kind: 'run.started' });
  await append({ kind: 'node.started', nodeId: 'list', attempt: 1 });
  await append({ kind: 'node.completed', nodeId: 'list', attempt: 1, output: ['a', 'b'] });
  await append({ kind: 'node.started', nodeId: 'each', attempt: 1, holds: true });
  await append({ kind: 'node.started', nodeId: 'each[1].fetch', attempt: 1 });
  await append({ kind: 'node.completed', nodeId: 'each[1].fetch', attempt: 1, output: { page: 'b!' } });
  await append({ kind: 'node.started', nodeId: 'each[1].judge', attempt: 1 });
  await append({ kind: 'node.started', nodeId: 'plain', attempt: 1 });
  await append({ kind: 'node.started', nodeId: 'polish', attempt: 1, holds: true });
  await append({ kind: 'node.started', nodeId: 'polish[1].draft', attempt: 1 });
  await append({ kind: 'node.completed', nodeId: 'polish[1].draft', attempt: 1, output: 'x' });
  await append({ kind: 'node.round', nodeId: 'polish', round: 1, output: 'first', isDone: false, isLast: false });
  await append({ kind: 'node.started', nodeId: 'polish[2].draft', attempt: 1 });
});
afterAll(() => fixture.close());

async function given(path: string, key = KEY_A): Promise<{ status: number; body: unknown }> {
  const url = `${fixture.url}/api/v1/runs/${runId}/nodes/${encodeURIComponent(path)}/input`;
  const response = await fetch(url, { headers: bearer(key) });
  return { status: response.status, body: await response.json() };
}

const isGiven = (input: unknown) => ({ status: 200, body: expect.objectContaining({ input, error: null }) as unknown });

describe('what a node inside others was given, over REST', () => {
  it('is told of the nodes of an item, which see the item and those beside them', async () => {
    expect(await given('each[1].fetch')).toEqual(isGiven({ page: 'b', place: 1 }));
    expect(await given('each[1].judge')).toEqual(isGiven({ page: 'b!', all: 2 }));
  });

  it('is told of an item itself, with the names of secrets alone', async () => {
    const { status, body } = await given('plain[0]');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('https://example.com/a?[secret crm_token]');
  });

  it('is told of the nodes of a round, which see what the round before gave', async () => {
    expect(await given('polish[1].draft')).toEqual(isGiven({ round: 1, before: null }));
    expect(await given('polish[2].draft')).toEqual(isGiven({ round: 2, before: 'first' }));
  });

  it('is told of none that has not begun or is not there, and of none of another organization', async () => {
    expect(await given('each[0].fetch')).toMatchObject({ status: 409 });
    expect(await given('polish[3].draft')).toMatchObject({ status: 409 });
    for (const path of ['each[1].none', 'each[2]', 'none.fetch', 'list.x', 'each[1', 'plain[9]', 'plain[0].x'])
      expect([path, await given(path)]).toMatchObject([path, { status: 404 }]);
    expect(await given('each[1].fetch', KEY_B)).toMatchObject({ status: 404 });
  });

  it('is forgotten of nodes that a retry resets', async () => {
    await append({ kind: 'node.reopened', nodeId: 'each', resumed: [], reset: ['each[1].fetch'] });
    expect(await given('each[1].fetch')).toMatchObject({ status: 409 });
  });
});
