import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORING_LIMITS } from '../../src/core/workflow/authoring-limits.js';
import type { Principal } from '../../src/core/tenant/principal.js';
import { AuthoringUnderTest, says } from './authoring-under-test.js';

let test: AuthoringUnderTest;
beforeAll(async () => {
  test = await AuthoringUnderTest.start();
});
afterAll(() => test.close());

const textOf = (id: string, word: string): string => `id: ${id}
name: Says it
description: Says ${word}.
input:
  type: object
  required: [to]
  properties: { to: { type: string } }
nodes:
  - id: say
    kind: transform
    with: { word: ${word} }
  - { id: again, kind: transform, needs: [say], with: '{{ nodes.say.output }}' }
`;
const yaml = (text: string) => ({ text, format: 'yaml' as const });
const check = (caller: Principal, text: string) => test.services.checkWorkflow(caller, yaml(text));

describe('the check of a text', () => {
  it('says what the workflow would be', async () => {
    const author = await test.newAuthor();
    expect(await check(author, textOf('greet', 'hello'))).toMatchObject({
      workflowId: 'greet',
      name: 'Says it',
      faults: [],
      faultCount: 0,
      warnings: [],
      graph: [
        { id: 'say', kind: 'transform', needs: [] },
        { id: 'again', kind: 'transform', needs: ['say'] },
      ],
      inputSchema: { required: ['to'] },
      outputSchema: null,
      estimate: { workflowId: 'greet', runs: 0, creditsReserved: 0 },
      published: null,
    });
    await test.services.publishWorkflows(author, { workflows: [says('greet', 'hello')] });
    await test.runOf(author, 'greet');
    const checked = await check(author, textOf('greet', 'hello'));
    expect(checked).toMatchObject({ published: 1, estimate: { runs: 1 } });
    expect(await check(await test.newAuthor(), textOf('greet', 'hello'))).toMatchObject({ published: null });
  });

  it('tells every fault with its line and column, and the graph that can be made out', async () => {
    const text = textOf('greet', 'hello').replace('needs: [say]', 'needs: [sya]').replace('name: Says it\n', '');
    const checked = await check(await test.newAuthor(), text);
    expect(checked.faults).toMatchObject([
      { path: '', message: expect.stringMatching(/name/) as string, line: 1 },
      { path: 'nodes[1].needs[0]', value: 'sya', line: 11, column: 43 },
      { path: 'nodes[1].with', line: 11, column: 55 },
    ]);
    expect(checked.faultCount).toBe(checked.faults.length);
    expect(checked.graph.map(({ id }) => id)).toEqual(['say', 'again']);
    expect(checked).toMatchObject({ estimate: null, workflowId: 'greet' });
  });

  it('tells of a text that cannot be read where that is', async () => {
    const author = await test.newAuthor();
    const broken = await check(author, 'id: greet\nnodes: [\n');
    expect(broken).toMatchObject({ workflowId: null, graph: [], faults: [{ path: '', line: 3 }] });
    const json = await test.services.checkWorkflow(author, { text: "{'id': 1}", format: 'json' });
    expect(json.faults[0]?.message).toMatch(/^not JSON/);
    expect((await check(author, '- a\n- b\n')).faults[0]?.message).toMatch(/must be an object/);
    expect((await check(author, '')).faultCount).toBe(1);
  });

  it('warns of what hosts are shown in another way, and of what is to be set before a run can be started', async () => {
    const text = `${textOf('greet', 'hello').replace('{ to:', "{ 'an a': { type: number }, to:")}secrets: [api_key]\n`;
    const { faults, warnings } = await check(await test.newAuthor(), text);
    expect(faults).toEqual([]);
    expect(warnings).toMatchObject([
      { path: '', message: expect.stringMatching(/^cannot be started yet: .*api_key/) as string },
      { path: 'input.properties["an a"]', line: 7 },
    ]);
  });

  it('takes no longer for texts that were made to take long', async () => {
    const author = await test.newAuthor();
    const { definition: length } = AUTHORING_LIMITS;
    const repeated = `a: &a ${'x'.repeat(4_000)}\nb: [${'*a, '.repeat(90)}]\n`;
    const hostile = [
      ['['.repeat(length / 8), /./],
      [`a: &a 1\nb: [${'*a,'.repeat(length / 8)}]`, /more than 1000 repetitions/],
      [repeated, /more than 262144 characters/],
      ['x'.repeat(length + 1), /may have 262144 characters/],
      ['"'.repeat(length / 8), /./],
    ] as const;
    for (const [text, message] of hostile) {
      const { faults, faultCount } = await check(author, text);
      expect(faults.length).toBeLessThanOrEqual(100);
      expect(faultCount).toBeGreaterThan(0);
      expect(faults[0]?.message).toMatch(message);
    }
  });

  it('is for those who may write workflows of that owner', async () => {
    const author = await test.newAuthor();
    const reader: Principal = { ...author, scopes: ['run'] };
    await expect(check(reader, '')).rejects.toMatchObject({ code: 'forbidden' });
    const forAll = test.services.checkWorkflow(author, { ...yaml(textOf('a', 'b')), forAll: true });
    await expect(forAll).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a draft', () => {
  it('is kept with its faults, mended, and published as a version', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const faulty = textOf('greet', 'hello').replace('needs: [say]', 'needs: [sya]');
    const { draft, checked, created } = await services.createDraft(author, yaml(faulty));
    expect(draft).toMatchObject({ revision: 1, workflowId: 'greet', name: 'Says it', faults: 2, baseVersion: null });
    expect([checked.faultCount, created]).toEqual([2, true]);
    const draftId = draft.id;
    const refused = services.publishDraft(author, { draftId, revision: 1 });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_definition',
      problems: [{ path: 'nodes[1].needs[0]' }, {}],
    });
    const mended = await services.updateDraft(author, { draftId, revision: 1, ...yaml(textOf('greet', 'hello')) });
    expect(mended.draft).toMatchObject({ revision: 2, faults: 0 });
    const published = await services.publishDraft(author, { draftId, revision: 2 });
    expect(published.workflows).toEqual([{ workflowId: 'greet', version: 1 }]);
    expect((await test.runOf(author, 'greet', { to: 'Ada' })).status).toBe('completed');
    await expect(services.getDraft(author, { draftId })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is changed by one editor at a time: the other is told what to do, and nothing is lost', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const { draft } = await services.createDraft(author, yaml(textOf('greet', 'one')));
    const draftId = draft.id;
    const both = await Promise.allSettled(
      ['two', 'three'].map((word) =>
        services.updateDraft(author, { draftId, revision: 1, ...yaml(textOf('greet', word)) }),
      ),
    );
    const won = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value.draft.text] : []));
    const lost = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as object] : []));
    expect(won).toHaveLength(1);
    expect(lost).toMatchObject([{ code: 'conflict', details: { revision: 2 } }]);
    expect((await services.getDraft(author, { draftId })).draft).toMatchObject({ text: won[0], revision: 2 });
    const conflict = {
      code: 'conflict',
      message: expect.stringMatching(/at revision 2, not at 1.*Read it again/) as string,
    };
    await expect(services.deleteDraft(author, { draftId, revision: 1 })).rejects.toMatchObject(conflict);
    await expect(services.publishDraft(author, { draftId, revision: 1 })).rejects.toMatchObject(conflict);
    await services.deleteDraft(author, { draftId });
    await expect(services.deleteDraft(author, { draftId })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is published over the version that it was made of, and over no other', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const draftOf = async (word: string, baseVersion: number | null) =>
      (await services.createDraft(author, { ...yaml(textOf('greet', word)), baseVersion })).draft.id;
    const [first, second, third] = [await draftOf('a', null), await draftOf('b', null), await draftOf('c', 1)];
    await services.publishDraft(author, { draftId: first, revision: 1 });
    const late = services.publishDraft(author, { draftId: second, revision: 1 });
    await expect(late).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/version 1 is published now, and this was for a new workflow/) as string,
      details: { published_version: 1, base_version: null },
    });
    await services.publishDraft(author, { draftId: third, revision: 1 });
    const { published } = await services.listPublishedVersions(author, { workflowId: 'greet', limit: 5 });
    expect(published).toBe(2);
    await services.publishDraft(author, { draftId: second, revision: 1, baseVersion: 2 });
    const { drafts } = await services.listDrafts(author, { limit: 5 });
    expect(drafts).toEqual([]);
  });

  it('is its owner’s alone, and those for all are the operator’s', async () => {
    const { services, operator } = test;
    const [author, other] = [await test.newAuthor(), await test.newAuthor()];
    const { draft } = await services.createDraft(author, yaml(textOf('greet', 'one')));
    const forAll = await services.createDraft(operator, { ...yaml(textOf('shared', 'x')), forAll: true });
    for (const draftId of [draft.id, forAll.draft.id, 'none', '0190b0c2-7f3a-7abc-8def-0123456789ab']) {
      const missing = { code: 'not_found', message: 'There is no draft with this id.' };
      await expect(services.getDraft(other, { draftId })).rejects.toMatchObject(missing);
      await expect(services.deleteDraft(other, { draftId })).rejects.toMatchObject(missing);
      await expect(services.publishDraft(other, { draftId, revision: 1 })).rejects.toMatchObject(missing);
      const changed = services.updateDraft(other, { draftId, revision: 1, ...yaml('') });
      await expect(changed).rejects.toMatchObject(missing);
    }
    expect((await services.listDrafts(other, { limit: 5 })).drafts).toEqual([]);
    expect((await services.listDrafts(operator, { limit: 5, forAll: true })).drafts).toMatchObject([
      { workflowId: 'shared', organizationId: null },
    ]);
    expect(
      (await services.listDrafts(operator, { limit: 5, organization: author.organizationId })).drafts,
    ).toHaveLength(1);
    await services.publishDraft(operator, { draftId: forAll.draft.id, revision: 1, forAll: true });
    expect((await test.runOf(other, 'shared', { to: 'Ada' })).output).toEqual({ word: 'x' });
    await services.unpublishWorkflow(operator, { workflowId: 'shared', forAll: true });
  });

  it('is made once for an idempotency key, and there may be only so many', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const call = { ...yaml(textOf('greet', 'one')), idempotencyKey: 'k' };
    const [made, again] = [await services.createDraft(author, call), await services.createDraft(author, call)];
    expect([again.draft.id, again.created]).toEqual([made.draft.id, false]);
    const changed = services.createDraft(author, { ...call, text: 'id: other' });
    await expect(changed).rejects.toMatchObject({ code: 'conflict' });
    const more = Array.from({ length: AUTHORING_LIMITS.drafts + 3 }, () => services.createDraft(author, yaml('id: a')));
    const refused = (await Promise.allSettled(more)).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(4);
    const long = services.createDraft(author, yaml('x'.repeat(AUTHORING_LIMITS.definition + 1)));
    await expect(long).rejects.toMatchObject({ code: 'invalid_input', problems: [{ path: '/text' }] });
    const page = await services.listDrafts(author, { limit: 100, workflowId: 'a' });
    const rest = await services.listDrafts(author, { limit: 100, workflowId: 'a', beforeId: page.nextBefore ?? '' });
    expect([page.drafts.length, rest.drafts.length, rest.nextBefore]).toEqual([100, 99, null]);
  });
});
