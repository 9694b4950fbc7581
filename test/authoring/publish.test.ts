import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthoringUnderTest, says } from './authoring-under-test.js';

let test: AuthoringUnderTest;
beforeAll(async () => {
  test = await AuthoringUnderTest.start();
});
afterAll(() => test.close());

const wordOf = async (caller: Parameters<AuthoringUnderTest['runOf']>[0], id: string): Promise<unknown> =>
  (await test.runOf(caller, id)).output;

describe('a published workflow', () => {
  it('of an organization goes before one for all, and that before one of the files', async () => {
    const { services, operator } = test;
    const [author, other] = [await test.newAuthor(), await test.newAuthor()];
    expect(await wordOf(author, 'shared')).toEqual({ word: 'of the file' });
    await services.publishWorkflows(operator, { workflows: [says('shared', 'for all')], forAll: true });
    expect(await wordOf(author, 'shared')).toEqual({ word: 'for all' });
    await services.publishWorkflows(author, { workflows: [says('shared', 'own')] });
    expect(await wordOf(author, 'shared')).toEqual({ word: 'own' });
    expect(await wordOf(other, 'shared')).toEqual({ word: 'for all' });
    await services.unpublishWorkflow(operator, { workflowId: 'shared', forAll: true });
    expect(await wordOf(author, 'shared')).toEqual({ word: 'own' });
    expect(await wordOf(other, 'shared')).toEqual({ word: 'of the file' });
    await services.unpublishWorkflow(author, { workflowId: 'shared' });
    expect(await wordOf(author, 'shared')).toEqual({ word: 'of the file' });
  });

  it('of one organization is to others as if it were not there', async () => {
    const { services } = test;
    const [author, other] = [await test.newAuthor(), await test.newAuthor()];
    let told = 0;
    const stop = services.onWorkflowsChanged(other, () => (told += 1));
    const made = await services.publishWorkflows(author, { workflows: [says('private', 'mine')] });
    expect((await services.listWorkflows(author)).map(({ version }) => version.workflowId)).toContain('private');
    expect((await services.listWorkflows(other)).map(({ version }) => version.workflowId)).not.toContain('private');
    const missing = { code: 'not_found' };
    await expect(services.getWorkflow(other, { workflowId: 'private' })).rejects.toMatchObject(missing);
    await expect(test.runOf(other, 'private')).rejects.toMatchObject(missing);
    const { number } = made.publication;
    for (const call of [
      services.listPublishedVersions(other, { workflowId: 'private', limit: 10 }),
      services.getPublishedVersion(other, { workflowId: 'private', version: 1 }),
      services.rollBackWorkflow(other, { workflowId: 'private', version: 1 }),
      services.unpublishWorkflow(other, { workflowId: 'private' }),
      services.revertPublication(other, { number }),
      services.revertPublication(other, { number: 987_654 }),
    ])
      await expect(call).rejects.toMatchObject(missing);
    expect(await services.listPublications(other, { limit: 10 })).toEqual([]);
    // The first of its kind there: nobody else's versions are counted.
    const own = await services.publishWorkflows(other, { workflows: [says('private', 'theirs')] });
    expect(own.workflows).toEqual([{ workflowId: 'private', version: 1 }]);
    expect(told).toBe(1);
    stop();
  });

  it('keeps the fields by which its runs are found to itself', async () => {
    const { services } = test;
    const [author, other] = [await test.newAuthor(), await test.newAuthor()];
    const searchable = {
      searchable: ['input.secret_project'],
      input: { type: 'object', properties: { secret_project: { type: 'string' } } },
    };
    await services.publishWorkflows(author, { workflows: [says('found', 'mine', searchable)] });
    const find = (caller: typeof author, field: string, more: object = {}) =>
      services.searchRuns(caller, { limit: 5, fields: { [field]: 'x' }, ...more });
    await expect(find(author, 'input.secret_project')).resolves.toMatchObject({ runs: [] });
    const told = async (field: string, more?: object): Promise<string> =>
      find(other, field, more).then(
        () => 'found',
        (error: Error) => error.message,
      );
    // What is another's is refused in the words for what nobody has, and named by no refusal.
    const [hidden, none] = [await told('input.secret_project'), await told('input.other_project')];
    expect(hidden.replaceAll('secret_project', 'other_project')).toBe(none);
    expect(none).not.toContain('secret_project');
    expect(await told('input.other_project', { workflowId: 'found' })).not.toContain('secret_project');
  });

  it('is followed by the runs that begin; those under way keep what they began with, whatever is done', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const asks = (word: string) =>
      says('asking', word, {
        nodes: [
          { id: 'ask', kind: 'ask', question: 'Go on?', answer: { type: 'object' } },
          { id: 'say', kind: 'transform', needs: ['ask'], with: { word } },
        ],
        result: '{{ nodes.say.output }}',
      });
    await services.publishWorkflows(author, { workflows: [asks('old')] });
    const { run } = await services.runWorkflow(author, { workflowId: 'asking', input: {} });
    await services.publishWorkflows(author, { workflows: [asks('new')] });
    await test.restart();
    await test.services.unpublishWorkflow(author, { workflowId: 'asking' });
    await expect
      .poll(async () => (await test.services.getRun(author, { runId: run.id })).nodes[0]?.question)
      .toBeDefined();
    await test.services.answerRun(author, { runId: run.id, nodeId: 'ask', answer: {} });
    const ended = await test.endOf(author, run.id);
    expect(ended).toMatchObject({ status: 'completed', workflowVersion: 1, output: { word: 'old' } });
    const { run: again } = await test.services.rerun(author, { runId: run.id, sameVersion: true });
    expect(again).toMatchObject({ workflowVersion: 1, ownWorkflow: true });
  });

  it('is there after a restart, and so is what it hides', async () => {
    const author = await test.newAuthor();
    await test.services.publishWorkflows(author, { workflows: [says('shared', 'own'), says('kept', 'kept')] });
    await test.restart({ shared: 'of a new file' });
    expect(await wordOf(author, 'shared')).toEqual({ word: 'own' });
    expect(await wordOf(author, 'kept')).toEqual({ word: 'kept' });
    await test.services.unpublishWorkflow(author, { workflowId: 'shared' });
    expect(await wordOf(author, 'shared')).toEqual({ word: 'of a new file' });
  });
});

describe('a publication', () => {
  it('is all or nothing, and tells every fault with its place', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const bad = says('bad', 'x', {
      nodes: [
        { id: 'a', kind: 'transform', needs: ['b'] },
        { id: 'c', kind: 'dance' },
      ],
    });
    const refused = services.publishWorkflows(author, { workflows: [says('good', 'x'), bad] });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_definition' });
    const error = (await refused.catch((thrown: unknown) => thrown)) as { problems: { path: string }[] };
    expect(error.problems.map(({ path }) => path)).toEqual([
      '/workflows/1/definition/nodes/0/needs/0',
      '/workflows/1/definition/nodes/1/kind',
    ]);
    await expect(services.getWorkflow(author, { workflowId: 'good' })).rejects.toMatchObject({ code: 'not_found' });
    expect(await services.listPublications(author, { limit: 1 })).toEqual([]);
  });

  it.each([[{ toString: 1 }], [['x']], [null]])('tells that an id is no text: %j', async (id) => {
    const author = await test.newAuthor();
    const workflows = [says('x', 'x', { id }), says('x', 'x', { id })];
    const refused = test.services.publishWorkflows(author, { workflows });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_definition' });
    const error = (await refused.catch((thrown: unknown) => thrown)) as { problems: { path: string }[] };
    expect(error.problems.map(({ path }) => path)).toEqual([
      '/workflows/0/definition/id',
      '/workflows/1/definition/id',
    ]);
    const text = JSON.stringify(workflows[0]?.definition);
    const checked = await test.services.checkWorkflow(author, { text, format: 'json' });
    expect(checked).toMatchObject({ workflowId: null, faultCount: 1, faults: [{ path: 'id' }] });
  });

  it('that changes nothing makes no version', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    await services.publishWorkflows(author, { workflows: [says('same', 'x')] });
    const again = await services.publishWorkflows(author, { workflows: [says('same', 'x')] });
    expect(again).toMatchObject({ publication: { changes: [] }, workflows: [{ workflowId: 'same', version: 1 }] });
  });

  it('takes away what is not in it only when told to', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    await services.publishWorkflows(author, { workflows: [says('one', '1'), says('two', '2')] });
    await services.publishWorkflows(author, { workflows: [says('one', '1b')] });
    expect(await wordOf(author, 'two')).toEqual({ word: '2' });
    const made = await services.publishWorkflows(author, { workflows: [says('one', '1b')], replace: true });
    expect(made.publication.changes).toEqual([{ workflowId: 'two', before: 1, after: null }]);
    await expect(test.runOf(author, 'two')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('has a way back, for one workflow and for all of them', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const publish = (word: string) =>
      services.publishWorkflows(author, { workflows: [says('one', word), says('two', word)] });
    await publish('a');
    await publish('b');
    const third = await publish('c');
    await services.rollBackWorkflow(author, { workflowId: 'one' });
    expect(await wordOf(author, 'one')).toEqual({ word: 'b' });
    expect(await wordOf(author, 'two')).toEqual({ word: 'c' });
    await services.rollBackWorkflow(author, { workflowId: 'one' });
    expect(await wordOf(author, 'one')).toEqual({ word: 'a' });
    const { number } = third.publication;
    await expect(services.revertPublication(author, { number })).rejects.toMatchObject({ code: 'conflict' });
    await services.rollBackWorkflow(author, { workflowId: 'one', version: 3 });
    await services.revertPublication(author, { number });
    expect(await wordOf(author, 'one')).toEqual({ word: 'b' });
    expect(await wordOf(author, 'two')).toEqual({ word: 'b' });
    const missing = services.rollBackWorkflow(author, { workflowId: 'one', version: 9 });
    await expect(missing).rejects.toMatchObject({ code: 'not_found' });
    const { versions, published } = await services.listPublishedVersions(author, { workflowId: 'one', limit: 10 });
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1]);
    expect(published).toBe(2);
  });

  it('is in the audit trail of whose it is', async () => {
    const { services, operator } = test;
    const author = await test.newAuthor();
    await services.publishWorkflows(author, { workflows: [says('told', 'a')] });
    await services.unpublishWorkflow(author, { workflowId: 'told' });
    const entries = await services.listAudit({ ...operator, organizationId: author.organizationId }, { limit: 2 });
    expect(entries.map(({ action, target }) => [action, target.id])).toEqual([
      ['workflow.unpublish', 'told'],
      ['workflow.publish', 'told'],
    ]);
  });

  it('needs the scope "workflows:write", and "operate" for all', async () => {
    const { services } = test;
    const author = await test.newAuthor();
    const publish = (caller: typeof author, forAll = false) =>
      services.publishWorkflows(caller, { workflows: [says('scoped', 'x')], forAll });
    const forbidden = { code: 'forbidden' };
    await expect(publish({ ...author, scopes: ['run'] })).rejects.toMatchObject(forbidden);
    await expect(publish({ ...author, scopes: ['run', 'manage'], isGrant: true })).rejects.toMatchObject(forbidden);
    await expect(publish(author, true)).rejects.toMatchObject(forbidden);
    await publish({ ...author, scopes: ['workflows:write'], isGrant: true });
    await publish({ ...author, scopes: ['workflows:write'] });
  });
});
