import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../src/core/tenant/principal.js';
import { type NativeStack, startNativeStack } from '../support/http/native-stack.js';
import { type Call, connectAssistant } from './assistant.js';

let stack: NativeStack;
const clients: Client[] = [];
beforeAll(async () => {
  stack = await startNativeStack();
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await stack.close();
});

async function connect(scopes: readonly Scope[]): Promise<Awaited<ReturnType<typeof connectAssistant>>> {
  const assistant = await connectAssistant(stack, scopes);
  clients.push(assistant.client);
  return assistant;
}

const AUTHOR: readonly Scope[] = ['run', 'workflows:write'];
const definitionOf = (word: string, more: object = {}): object => ({
  id: 'say_it',
  name: 'Say it',
  description: `Says ${word}.`,
  nodes: [{ id: 'say', kind: 'transform', with: { word } }],
  ...more,
});
const YAML = 'id: say_it\nname: Say it\ndescription: Says it.\nnodes:\n  - { id: say, kind: dance }\n';

describe('an assistant that writes workflows', () => {
  it('checks, writes, publishes, runs, changes, retires and takes back one', async () => {
    const { call } = await connect(AUTHOR);
    const checked = await call('check_workflow', { definition: YAML });
    expect(checked.value).toMatchObject({ ok: false, faults: [{ path: 'nodes[0].kind', line: 5, column: 22 }] });
    expect(checked.text).toContain('line 5, nodes[0].kind: ');
    const asking = definitionOf('it', {
      nodes: [{ id: 'who', kind: 'ask', question: 'Who?', answer: { type: 'string' } }],
    });
    const tried = await call('try_workflow', {
      definition: asking,
      outputs: JSON.stringify({ who: { output: 'Ada' } }),
    });
    expect(tried.value).toMatchObject({
      status: 'completed',
      output: 'Ada',
      nodes: [{ id: 'who', replaced_by: 'given' }],
    });
    const made = await call('create_workflow', { definition: YAML, publish: true });
    expect(made.value).toMatchObject({
      published_version: null,
      draft: { revision: 1, fault_count: 1 },
      not_published_because: expect.stringContaining('has a fault') as string,
    });
    const { id: draft_id } = made.value['draft'] as { readonly id: string };
    const mended = await call('update_workflow', { draft_id, revision: 1, definition: definitionOf('one') });
    expect(mended.value).toMatchObject({ draft: { revision: 2, fault_count: 0 }, published_version: null });
    expect((await call('read_workflow', {})).value).toMatchObject({ drafts: [{ id: draft_id, revision: 2 }] });
    const published = await call('update_workflow', { draft_id, revision: 2, publish: true });
    expect(published.value).toMatchObject({ draft: null, published_version: 1, not_published_because: null });
    const ran = await call('say_it', { wait_seconds: 20 });
    expect(JSON.stringify(ran.value)).toContain('"word":"one"');

    const read = await call('read_workflow', { workflow_id: 'say_it' });
    expect(read.value).toMatchObject({ version: 1, published_version: 1 });
    expect(JSON.parse(read.value['definition'] as string)).toEqual(definitionOf('one'));
    const input = { type: 'object', required: ['to'], properties: { to: { type: 'string' } } };
    const changed = await call('update_workflow', {
      workflow_id: 'say_it',
      version: 1,
      definition: JSON.stringify(definitionOf('two', { input })),
      publish: true,
    });
    expect(changed.value).toMatchObject({
      published_version: 2,
      changes: {
        from: 1,
        to: null,
        breaking: true,
        nodes: {
          changed: [{ id: 'say', fields: [{ field: 'with', before: { word: 'one' }, after: { word: 'two' } }] }],
        },
        input: expect.arrayContaining([{ path: 'input.to', breaking: true, message: 'is required now' }]) as object,
      },
    });
    const late = { workflow_id: 'say_it', version: 1, definition: definitionOf('late'), publish: true };
    expect((await call('update_workflow', late)).value).toMatchObject({
      published_version: 2,
      draft: { base_version: 1 },
      not_published_because: expect.stringContaining('version 2 is published now') as string,
    });

    const gone = await call('delete_workflow', { workflow_id: 'say_it' });
    expect(gone.value).toMatchObject({ deleted: 'workflow', version: 2 });
    expect((await call('run_workflow', { workflow_id: 'say_it' })).isError).toBe(true);
    const back = await call('update_workflow', { workflow_id: 'say_it', restore_version: 2 });
    expect(back.value).toMatchObject({ published_version: 2 });
    expect((await call('get_workflow', { workflow_id: 'say_it' })).value).toMatchObject({ id: 'say_it' });
  });

  it('is told what is missing, and what is not its own', async () => {
    const [mine, other] = [await connect(AUTHOR), await connect(AUTHOR)];
    const made = await mine.call('create_workflow', { definition: definitionOf('mine') });
    const { id: draft_id } = made.value['draft'] as { readonly id: string };
    const refused = async (call: Call, name: string, args: object) => {
      const { isError, value } = await call(name, { ...args });
      expect(isError).toBe(true);
      return (value['error'] as { readonly code: string }).code;
    };
    for (const args of [
      {},
      { draft_id },
      { workflow_id: 'say_it', definition: 'id: a' },
      { workflow_id: 'say_it', version: 1 },
      { restore_version: 1 },
    ])
      expect(await refused(mine.call, 'update_workflow', args)).toBe('invalid_input');
    expect(await refused(mine.call, 'update_workflow', { draft_id, revision: 7, definition: 'id: a' })).toBe(
      'conflict',
    );
    expect(await refused(mine.call, 'delete_workflow', {})).toBe('invalid_input');
    for (const [name, args] of [
      ['read_workflow', { draft_id }],
      ['update_workflow', { draft_id, revision: 1, definition: 'id: a' }],
      ['delete_workflow', { draft_id }],
      ['read_workflow', { workflow_id: 'greet' }],
      ['delete_workflow', { workflow_id: 'greet' }],
    ] as const)
      expect(await refused(other.call, name, args)).toBe('not_found');
    expect((await mine.call('delete_workflow', { draft_id })).value).toMatchObject({ deleted: 'draft', version: null });
  });

  it('needs the scope workflows:write for each of them', async () => {
    const { call, client } = await connect(['run']);
    const tools = (await client.listTools()).tools.filter(({ name }) =>
      /^(check|read|create|update|delete)_workflow$/.test(name),
    );
    expect(
      tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]),
    ).toEqual([
      ['check_workflow', true, false],
      ['read_workflow', true, false],
      ['create_workflow', false, false],
      ['update_workflow', false, true],
      ['delete_workflow', false, true],
    ]);
    const args = { definition: YAML, workflow_id: 'a', version: 1 };
    for (const { name } of tools) {
      const { isError, text } = await call(name, args);
      expect([isError, text]).toEqual([true, expect.stringContaining('workflows:write')]);
    }
  });
});

describe('the arguments of tools for writing workflows, and of bulk jobs', () => {
  /** What n8n's agents add to the arguments of every tool; `action` is one of the tool's own in bulk jobs. */
  const ADDED = { toolCallId: 'call_1', sessionId: 's', chatInput: 'hi' };

  it('are taken as hosts send them', async () => {
    const { call } = await connect(AUTHOR);
    const taken: Call = async (name, args) => {
      const answer = await call(name, { ...ADDED, ...args });
      expect([name, args, answer.isError ? answer.text : 'ok']).toEqual([name, args, 'ok']);
      return answer;
    };
    const definition = definitionOf('one');
    for (const given of [definition, JSON.stringify(definition), JSON.stringify(definition, null, 2)])
      expect((await taken('check_workflow', { definition: given })).value).toMatchObject({ ok: true });
    expect((await taken('read_workflow', { workflow_id: null, version: '', draft_id: '' })).value).toEqual({
      drafts: [],
    });
    const made = await taken('create_workflow', { definition, publish: 'false', idempotency_key: '' });
    const { id: draft_id } = made.value['draft'] as { readonly id: string };
    const rest = { workflow_id: null, version: '', definition: '', restore_version: null };
    const published = await taken('update_workflow', { draft_id, revision: '1', publish: 'true', ...rest });
    expect(published.value).toMatchObject({ published_version: 1, draft: null });
    expect((await taken('read_workflow', { workflow_id: 'say_it', version: '1', draft_id: null })).value).toMatchObject(
      {
        version: 1,
      },
    );
    expect((await taken('delete_workflow', { workflow_id: 'say_it', draft_id: '' })).value).toMatchObject({
      version: 1,
    });
    const back = { workflow_id: 'say_it', restore_version: '1', draft_id: '', revision: null, definition: null };
    expect((await taken('update_workflow', back)).value).toMatchObject({ published_version: 1 });

    const none = { status: '', workflow_id: null, tags: null, fields: '', created_from: '', created_before: null };
    const order = { action: 'rerun', ...none, reason: null, same_version: 'true' };
    await taken('say_it', { wait_seconds: '20' });
    expect((await taken('preview_bulk_job', order)).value).toMatchObject({ runs: 1, same_version: true });
    expect((await taken('preview_bulk_job', { ...order, tags: '["nightly"]' })).value).toMatchObject({ runs: 0 });
    const started = await taken('start_bulk_job', { ...order, tags: '["nightly"]', idempotency_key: null });
    const { id: job_id } = started.value;
    expect((await taken('get_bulk_job', { job_id })).value).toMatchObject({
      action: 'rerun',
      filter: { tags: ['nightly'] },
    });
  });

  it('are refused where no reading is plain', async () => {
    const { call } = await connect(AUTHOR);
    for (const [name, args, said] of [
      ['check_workflow', { definition: null }, '/definition must be string,object'],
      ['update_workflow', { draft_id: 'd', revision: 'first' }, '/revision must be integer'],
      ['create_workflow', { definition: 'id: a', publish: 'maybe' }, '/publish must be boolean'],
      ['preview_bulk_job', { action: 'sendMessage' }, '/action must be one of cancel, retry, rerun'],
      ['start_bulk_job', { action: 'cancel', created_from: 'yesterday' }, '/created_from'],
      ['get_bulk_job', {}, '/job_id is missing'],
    ] as const) {
      const { isError, text } = await call(name, args);
      expect([name, isError, text]).toEqual([name, true, expect.stringContaining(said)]);
    }
  });
});
