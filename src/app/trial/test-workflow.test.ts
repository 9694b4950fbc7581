import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { defineWorkflow } from '../../workflow/define-workflow.js';
import { testWorkflow } from './test-workflow.js';
import type { WorkflowTest } from './workflow-test.js';

const open: { close(): Promise<void> | void }[] = [];

async function opened(...params: Parameters<typeof testWorkflow>): Promise<WorkflowTest> {
  const test = await testWorkflow(...params);
  open.push(test);
  return test;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const refund = defineWorkflow({
  id: 'refund',
  name: 'Refund',
  description: 'Pays back an order.',
  credits: 2,
  input: { type: 'object', required: ['order'], properties: { order: { type: 'string' } } },
  nodes: [
    {
      id: 'find',
      kind: 'http',
      with: { url: 'https://shop.example.com/orders/{{ input.order }}' },
      retry: { attempts: 3, initial: '30s' },
    },
    {
      id: 'approve',
      kind: 'ask',
      needs: ['find'],
      question: 'Pay back {{ nodes.find.output.body.total }}?',
      answer: { type: 'boolean' },
      deadline: '2d',
    },
    { id: 'cool_off', kind: 'wait', needs: ['approve'], for: '3d' },
    {
      id: 'pay',
      kind: 'code',
      needs: ['cool_off'],
      with: { total: '{{ nodes.find.output.body.total }}' },
      run: ({ input }) => ({ paid: input['total'] ?? null, at: 'x' }),
    },
  ],
  result: '{{ nodes.pay.output }}',
});

const found = { output: { status: 200, headers: {}, body: { total: 40 } } };

describe('a workflow under test', () => {
  it('goes on until it waits for a person, then for a time, then ends', async () => {
    const test = await opened(refund, { nodes: { find: found } });
    const asked = await test.run({ order: 'A1' });
    expect(asked.status).toBe('running');
    expect(asked.waits).toMatchObject([{ nodeId: 'approve', for: 'answer', question: { message: 'Pay back 40?' } }]);
    const waiting = await test.answer(asked, 'approve', true);
    expect(waiting.waits).toMatchObject([{ nodeId: 'cool_off', for: 'time', until: '2026-01-18T12:00:00.000Z' }]);
    expect((await test.advance(waiting, '71h')).status).toBe('running');
    const ended = await test.advance(waiting, '1h');
    expect(ended).toMatchObject({ status: 'completed', output: { paid: 40, at: 'x' }, creditsConsumed: 2 });
    expect(ended.outputs['pay']).toEqual({ paid: 40, at: 'x' });
    expect(test.calls('find')).toHaveLength(1);
    expect(test.calls('find')[0]?.input).toEqual({ url: 'https://shop.example.com/orders/A1' });
  });

  it('makes further attempts at once, each with its own outcome', async () => {
    const test = await opened(refund, {
      nodes: {
        find: [
          { error: { message: 'busy', kind: 'http_5xx' } },
          { error: { message: 'busy', kind: 'http_5xx' } },
          found,
        ],
        approve: { output: true },
        cool_off: { output: {} },
        pay: ({ input, attempt }) => ({ input, attempt }),
      },
    });
    const run = await test.run({ order: 'A1' });
    expect(run).toMatchObject({ status: 'completed', output: { input: { total: 40 }, attempt: 1 } });
    expect(test.calls('find').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('takes the default of a question whose time has passed, and cancels', async () => {
    const test = await opened(refund, { nodes: { find: found } });
    const late = await test.advance(await test.run({ order: 'A1' }), '49h');
    expect(late).toMatchObject({ status: 'failed', error: { nodeId: 'approve', kind: 'timeout' } });
    const cancelled = await test.cancel(await test.run({ order: 'A2' }));
    expect(cancelled.status).toBe('cancelled');
  });

  it('does not reach out of the server', async () => {
    const test = await opened(refund);
    const run = await test.run({ order: 'A1' });
    expect(run).toMatchObject({ status: 'failed', error: { nodeId: 'find', kind: 'not_faked' } });
    expect(run.error?.message).toContain('nodes: { "find": { output: … } }');
  });

  it('refuses a fake for a node that is not there, and an input that does not fit', async () => {
    await expect(testWorkflow(refund, { nodes: { fnd: found } })).rejects.toThrow(
      'nodes: refund has no node "fnd". It has find, approve, cool_off, pay.',
    );
    const test = await opened(refund, { nodes: { find: found } });
    await expect(test.run({})).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(test.advance({ id: 'x' }, 'soon')).rejects.toThrow('The clock is moved by');
  });
});

describe('models under test', () => {
  const summary = defineWorkflow({
    id: 'summary',
    name: 'Summary',
    description: 'Sums up.',
    input: { type: 'object' },
    nodes: [
      {
        id: 'write',
        kind: 'llm',
        model: 'openai/gpt-5-mini',
        prompt: 'Sum up.',
        output: { type: 'object', required: ['line'], properties: { line: { type: 'string' } } },
      },
    ],
    result: '{{ nodes.write.output }}',
  });

  it('answer from a script, and are told what is wrong with an answer', async () => {
    const test = await opened(summary, { models: [{ output: { lines: 1 } }, { output: { line: 'All is well.' } }] });
    const run = await test.run();
    expect(run.outputs['write']).toEqual({ line: 'All is well.' });
    expect(run.status).toBe('completed');
    expect(test.prompts).toHaveLength(2);
    expect(test.prompts[0]).toMatchObject({ models: ['openai/gpt-5-mini'], messages: [{ role: 'user' }] });
  });

  it('fail the node when the script is at its end', async () => {
    const test = await opened(summary);
    expect(await test.run()).toMatchObject({ status: 'failed', error: { nodeId: 'write', kind: 'not_faked' } });
  });
});

describe('maps, child runs and secrets under test', () => {
  it('work, with the items’ own attempts made at once', async () => {
    const child = defineWorkflow({
      id: 'notify',
      name: 'Notify',
      description: 'Tells somebody.',
      input: { type: 'object' },
      nodes: [{ id: 'send', kind: 'http', with: { method: 'POST', url: 'https://mail.example.com/' } }],
      result: '{{ nodes.send.output }}',
    });
    let tries = 0;
    const parent = defineWorkflow({
      id: 'all',
      name: 'All',
      description: 'Each, then tells.',
      input: { type: 'object' },
      secrets: ['token'],
      nodes: [
        {
          id: 'each',
          kind: 'map',
          over: [1, 2],
          do: {
            kind: 'code',
            with: { item: '{{ item }}' },
            retry: { attempts: 3, initial: '5s' },
            run: async ({ input, secrets }) => {
              tries += 1;
              if (tries === 1) throw new Error('not yet');
              return { item: input['item'] ?? null, length: (await secrets.get('token')).length };
            },
          },
        },
        { id: 'tell', kind: 'workflow', needs: ['each'], workflow: 'notify', with: {} },
      ],
      result: '{{ nodes.each.output }}',
    });
    const test = await opened([parent, child], {
      nodes: { 'notify:send': { output: { status: 204 } } },
      secrets: { token: 'hush-hush-hush' },
    });
    const run = await test.run();
    expect(run.status).toBe('completed');
    expect(tries).toBe(3);
    expect(test.calls('notify:send')).toHaveLength(1);
    expect(test.calls('each/do')).toHaveLength(3);
  });
});

describe('files under test', () => {
  it('are loaded with their functions, and faults are told with their places', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-trial-'));
    open.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
    writeFileSync(
      join(folder, 'double.yaml'),
      'id: double\nname: Double\ndescription: Doubles.\ninput: { type: object }\nnodes:\n' +
        "  - { id: go, kind: code, uses: ./double.mjs, with: { n: '{{ input.n }}' } }\n",
    );
    writeFileSync(join(folder, 'double.mjs'), 'export default ({ input }) => ({ n: input.n * 2 });\n');
    writeFileSync(join(folder, 'bad.yaml'), 'id: bad\nname: Bad\ndescription: Bad.\nnodes: []\n');
    const test = await opened(join(folder, 'double.yaml'));
    expect((await test.run({ n: 4 })).outputs).toEqual({ go: { n: 8 } });
    await expect(testWorkflow(join(folder, 'bad.yaml'))).rejects.toThrow(/bad\.yaml:4/);
    await expect(testWorkflow(join(folder, 'none.yaml'))).rejects.toThrow('There is no file or folder');
  });
});
