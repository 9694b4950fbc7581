import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble, type Assembly } from '../../../app/assembly/assemble.js';
import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import type { Json, JsonSchema } from '../../../core/json.js';
import type { Principal } from '../../../core/tenant/principal.js';

const SEARCH: WorkflowDefinition = {
  id: 'search',
  name: 'Search',
  description: 'Says what it would look for.',
  input: {
    type: 'object',
    required: ['text', 'pages'],
    properties: { text: { type: 'string' }, pages: { type: 'integer', maximum: 50, default: 10 } },
  },
  nodes: [{ id: 'look', kind: 'transform', with: { seen: '{{ input.pages }}' } }],
};

let assembly: Assembly;
let caller: Principal;

const sourceOf = (definition: WorkflowDefinition) => ({
  definition,
  handlers: {},
  hash: createHash('sha256').update(JSON.stringify(definition)).digest('hex'),
});

beforeAll(async () => {
  assembly = await assemble({ data: ':memory:', monthlyCredits: 100, maxActiveRuns: 10 });
  await assembly.catalog.replaceAll([{ definition: SEARCH, handlers: {}, hash: 'a'.repeat(64) }]);
  await assembly.start();
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: ['run'] };
});
afterAll(() => assembly.close({ graceMs: 0 }));

function start(input: Json, idempotencyKey?: string) {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return assembly.services.runWorkflow(caller, { workflowId: 'search', input, ...key });
}

describe('an answer', () => {
  it.each<[string, JsonSchema, Json, Json]>([
    [
      'an object',
      { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' } } },
      '{"ok":true}',
      { ok: true },
    ],
    ['a truth value', { type: 'boolean' }, 'true', true],
    ['a number', { type: 'integer' }, '3', 3],
    ['a text', { type: 'string' }, '42', '42'],
    ['a list', { type: 'array', items: { type: 'string' } }, '["a"]', ['a']],
  ])('that came as text is read where the question is for %s', async (_, answer, given, read) => {
    const ASKS: WorkflowDefinition = {
      ...SEARCH,
      id: 'asks',
      nodes: [{ id: 'q', kind: 'ask', question: 'Well?', answer }],
    };
    await assembly.catalog.replaceAll([SEARCH, ASKS].map((definition) => sourceOf(definition)));
    const { run } = await assembly.services.runWorkflow(caller, { workflowId: 'asks', input: { text: 'x' } });
    await expect
      .poll(async () => (await assembly.services.getRun(caller, { runId: run.id })).nodes[0]?.question)
      .toBeDefined();
    await assembly.services.answerRun(caller, { runId: run.id, nodeId: 'q', answer: given });
    const ended = await assembly.services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 });
    expect(ended).toMatchObject({ status: 'completed', output: read });
  });
});

describe('cancelling a run', () => {
  const SLOW: WorkflowDefinition = { ...SEARCH, id: 'slow', nodes: [{ id: 'wait', kind: 'wait', for: '1h' }] };

  it('twice, or several times at once, gives the cancelled run each time', async () => {
    await assembly.catalog.replaceAll([SEARCH, SLOW].map((definition) => sourceOf(definition)));
    const { run } = await assembly.services.runWorkflow(caller, { workflowId: 'slow', input: { text: 'x' } });
    const cancel = () => assembly.services.cancelRun(caller, { runId: run.id });
    const first = await Promise.all([cancel(), cancel(), cancel()]);
    expect(first).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }, { status: 'cancelled' }]);
    expect(await cancel()).toMatchObject({ id: run.id, status: 'cancelled', version: first[0].version });
  });

  it('that has ended otherwise is a conflict that says how it ended', async () => {
    const { run } = await start({ text: 'bread' });
    await assembly.services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 });
    await expect(assembly.services.cancelRun(caller, { runId: run.id })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('it has ended and is completed') as string,
    });
  });
});

describe('the input of a run', () => {
  it('has its defaults filled in, in its record and for expressions', async () => {
    const { run } = await start({ text: 'bread' });
    expect(await assembly.services.getRunInput(caller, { runId: run.id })).toMatchObject({
      input: { text: 'bread', pages: 10 },
    });
    expect(await assembly.services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 })).toMatchObject({
      status: 'completed',
      output: { seen: 10 },
    });
  });

  it('is read where it came as its JSON, and a text where a text is wanted', async () => {
    const inputOf = async (runId: string) => (await assembly.services.getRunInput(caller, { runId })).input;
    const { run } = await start('{"text":"bread"}');
    expect(await inputOf(run.id)).toEqual({ text: 'bread', pages: 10 });
    const again = await assembly.services.rerun(caller, { runId: run.id, input: '{"text":"milk","pages":2}' });
    expect(await inputOf(again.run.id)).toEqual({ text: 'milk', pages: 2 });
    await expect(start('{"text":5}')).rejects.toMatchObject({ problems: [{ path: '/text' }] });
    await expect(start('bread')).rejects.toMatchObject({ problems: [{ path: '' }] });
  });

  it('is refused for what no default makes good', async () => {
    await expect(start({ pages: 51 })).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: '/text' }, { path: '/pages' }],
    });
  });

  it('counts as it was given for an idempotency key', async () => {
    const first = await start({ text: 'bread' }, 'once');
    expect(await start({ text: 'bread' }, 'once')).toMatchObject({ run: { id: first.run.id }, created: false });
    await expect(start({ text: 'bread', pages: 10 }, 'once')).rejects.toMatchObject({ code: 'conflict' });
  });
});
