import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../src/core/tenant/principal.js';
import { type NativeStack, startNativeStack } from '../support/http/native-stack.js';
import { type Call, connectAssistant } from './assistant.js';

/** What the hosts that take least take: about 25,000 tokens. */
const MAX_ANSWER = 100_000;

let stack: NativeStack;
const clients: Client[] = [];
beforeAll(async () => {
  stack = await startNativeStack();
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await stack.close();
});

async function connect(scopes: readonly Scope[] = ['run', 'workflows:write', 'manage']) {
  const { client, call: callTool } = await connectAssistant(stack, scopes);
  clients.push(client);
  const call: Call = async (name, args) => {
    const answer = await callTool(name, args);
    expect([name, answer.isError]).toEqual([name, false]);
    expect(answer.size).toBeLessThan(MAX_ANSWER);
    return answer;
  };
  const read = async (uri: unknown): Promise<string> => {
    const { contents } = await client.readResource({ uri: String(uri) });
    return (contents[0] as { readonly text: string }).text;
  };
  return { call, read };
}

const nodesOf = (word: string, count = 300): object[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    kind: 'transform',
    with: { word: word.repeat(300) },
  }));
const PROPERTIES = Object.fromEntries(
  Array.from({ length: 400 }, (_, index) => [`p${index}`, { type: 'string', description: 'd'.repeat(60) }]),
);
const LONG = { id: 'long', name: 'Long', description: 'Is long.', nodes: nodesOf('a') };
const WIDE = { ...LONG, id: 'wide', input: { type: 'object', properties: PROPERTIES }, nodes: nodesOf('a', 2) };

describe('a long definition', () => {
  it('is cut in answers, and whole in the resource that they name', async () => {
    const { call, read } = await connect();
    const text = JSON.stringify(LONG, null, 2);
    const made = await call('create_workflow', { definition: text });
    const { id: draft_id } = made.value['draft'] as { readonly id: string };
    const cut = (resource: string) => ({
      text: expect.stringMatching(/^\{/) as string,
      shown_characters: 2_000,
      total_characters: text.length,
      resource,
    });
    const draft = await call('read_workflow', { draft_id });
    expect(draft.value).toMatchObject({ definition_cut: cut(`errand://drafts/${draft_id}`), draft: { id: draft_id } });
    expect(draft.value).not.toHaveProperty('definition');
    expect(draft.text).toContain(
      `The first 4000 of ${text.length} characters (all of it: errand://drafts/${draft_id})`,
    );
    expect(await read(`errand://drafts/${draft_id}`)).toBe(text);

    await call('update_workflow', { draft_id, revision: 1, publish: true });
    const published = await call('read_workflow', { workflow_id: 'long' });
    expect(published.value).toMatchObject({ definition_cut: cut('errand://workflows/long/versions/1'), version: 1 });
    expect(JSON.parse(await read('errand://workflows/long/versions/1'))).toEqual(LONG);
  });

  it('is checked and compared in answers without what would make them too long, which they name', async () => {
    const { call } = await connect();
    const checked = await call('check_workflow', { definition: JSON.stringify({ ...LONG, input: WIDE.input }) });
    expect(checked.value).toMatchObject({ ok: true, graph: null, input_schema: null, output_schema: null });
    expect(checked.value['left_out']).toEqual(['graph', 'input_schema']);
    await call('create_workflow', { definition: LONG, publish: true });
    const changed = { workflow_id: 'long', version: 1, definition: { ...LONG, nodes: nodesOf('b') } };
    expect((await call('update_workflow', changed)).value).toMatchObject({ changes: null, left_out: ['changes'] });
    const short = { workflow_id: 'long', version: 1, definition: { ...LONG, description: 'Is as long.' } };
    const { value } = await call('update_workflow', short);
    expect(value).toMatchObject({ changes: { fields: [{ field: 'description', after: 'Is as long.' }] } });
    expect(value).not.toHaveProperty('left_out');
  });

  it('with very many faults has each told briefly', async () => {
    const { call } = await connect();
    const nodes = nodesOf('a').map((node) => ({ ...node, kind: `dance${'!'.repeat(400)}` }));
    const { value, text } = await call('check_workflow', { definition: JSON.stringify({ ...LONG, nodes }) });
    expect(value).toMatchObject({ ok: false, fault_count: 300 });
    expect(text).toContain('and 280 more.');
    expect(text.length).toBeLessThan(20_000);
  });

  it('has schemas that are cut, and whole in the resource of the workflow', async () => {
    const { call, read } = await connect();
    await call('create_workflow', { definition: WIDE, publish: true });
    const { value } = await call('get_workflow', { workflow_id: 'wide' });
    const resource = 'errand://workflows/wide';
    expect(value).toMatchObject({ input_schema: {}, input_schema_cut: { shown_characters: 2_000, resource } });
    expect(value).not.toHaveProperty('output_schema_cut');
    expect(JSON.parse(await read(resource))).toMatchObject({ input_schema: WIDE.input });
  });

  it('is shown to nobody else, and to nobody without the scope', async () => {
    const [mine, other, reader] = [await connect(), await connect(), await connect(['run'])];
    const made = await mine.call('create_workflow', { definition: LONG });
    const { id } = made.value['draft'] as { readonly id: string };
    await mine.call('create_workflow', { definition: { ...LONG, nodes: nodesOf('c', 1) }, publish: true });
    for (const uri of [`errand://drafts/${id}`, 'errand://workflows/long/versions/1']) {
      expect(await mine.read(uri)).toContain('Is long.');
      await expect(other.read(uri)).rejects.toThrow('Resource not found');
      await expect(reader.read(uri)).rejects.toThrow('workflows:write');
    }
    for (const uri of [
      'errand://drafts/none',
      'errand://workflows/long/versions/0',
      'errand://workflows/greet/versions/1',
    ])
      await expect(mine.read(uri)).rejects.toThrow('Resource not found');
  });
});

describe('an answer about many things', () => {
  it('shows the first runs of a batch, and says how many more there are', async () => {
    const { call } = await connect();
    const inputs = Array.from({ length: 900 }, () => ({}));
    const { value, text } = await call('run_batch', { workflow_id: 'hidden', inputs, tags: ['many'] });
    expect(value).toMatchObject({ started: 900, refused: 0, runs_left_out: 700 });
    expect(value['runs']).toHaveLength(200);
    expect(text).toContain('list_runs finds the others');
    expect((await call('list_runs', { tags: ['many'], limit: 100 })).value['runs']).toHaveLength(100);
  });

  it('shows hooks in pages, and their long inputs not at all', async () => {
    const { call } = await connect();
    for (const [index, length] of [10, 10_000, 10].entries()) {
      const input = { name: 'x'.repeat(length) };
      const { value } = await call('create_hook', { workflow_id: 'greet', name: `h${index}`, input });
      expect(Object.hasOwn(value, 'input')).toBe(length < 500);
    }
    const first = await call('list_hooks', { limit: 2 });
    expect(first.value).toMatchObject({ total: 3, limit: 2, offset: 0 });
    const second = await call('list_hooks', { limit: '2', offset: 2 });
    const hooks = [first, second].flatMap(({ value }) => value['hooks'] as readonly { readonly name: string }[]);
    expect(hooks.map(({ name }) => name).toSorted()).toEqual(['h0', 'h1', 'h2']);
    expect(hooks.filter((hook) => !Object.hasOwn(hook, 'input'))).toHaveLength(1);
  });
});
