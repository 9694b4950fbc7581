import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED_CODE } from '../../src/core/handlers/published-code.js';
import type { JsonObject } from '../../src/core/json.js';
import { AuthoringUnderTest, says } from './authoring-under-test.js';

let test: AuthoringUnderTest;
let inside: Server;
beforeAll(async () => {
  inside = createServer((_request, response) => response.end('"inside"'));
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', () => resolve()));
  test = await AuthoringUnderTest.start({
    environment: { ERRAND_WORKFLOW_SECRET_BANK: 'the operator has it' },
    models: { env: { OPENAI_API_KEY: 'sk-of-the-operator' } },
  });
});
afterAll(async () => {
  await test.close();
  await new Promise((resolve) => inside.close(resolve));
});

const withNodes = (id: string, nodes: readonly JsonObject[], more: JsonObject = {}) =>
  says(id, '', { nodes: nodes as JsonObject[], ...more });

describe('a workflow that an organization has written', () => {
  it('uses no secret but its own, though one of the same name is for all', async () => {
    const { services, operator } = test;
    const author = await test.newAuthor();
    await services.setSecret(operator, { name: 'crm', value: 'for all of them', forAll: true });
    const uses = (name: string) => withNodes(name, [{ id: 'a', kind: 'transform', with: 1 }], { secrets: [name] });
    await services.publishWorkflows(author, { workflows: [uses('crm'), uses('bank')] });
    const notReady = await services.listNotReady(author);
    expect(notReady.get('crm')).toContain('The secret crm of the organization is not set');
    expect(notReady.get('bank')).toContain('The secret bank of the organization is not set');
    await expect(test.runOf(author, 'crm')).rejects.toMatchObject({ code: 'not_configured' });
    await services.setSecret(author, { name: 'crm', value: 'its very own' });
    expect((await test.runOf(author, 'crm')).status).toBe('completed');
    // The organization of the server is the operator's.
    await services.publishWorkflows(operator, { workflows: [uses('crm')] });
    expect((await test.runOf(operator, 'crm')).status).toBe('completed');
  });

  it('asks no model with the key of the server', async () => {
    const { services, operator } = test;
    const author = await test.newAuthor();
    const asks = withNodes('asks', [{ id: 'a', kind: 'llm', model: 'openai/gpt-5-mini', prompt: 'hi' }]);
    await services.publishWorkflows(author, { workflows: [asks] });
    expect((await services.listNotReady(author)).get('asks')).toContain('no credential of its own for "openai"');
    await services.publishWorkflows(operator, { workflows: [asks] });
    expect((await services.listNotReady(operator)).get('asks')).toBeUndefined();
  });

  it('reaches nothing inside, and what was written for all does', async () => {
    const { services, operator } = test;
    const author = await test.newAuthor();
    const url = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/`;
    const asks = withNodes('fetches', [{ id: 'a', kind: 'http', with: { url } }]);
    await services.publishWorkflows(author, { workflows: [asks] });
    const refused = await test.runOf(author, 'fetches');
    expect(refused).toMatchObject({ status: 'failed', error: { kind: 'forbidden_address' } });
    await services.publishWorkflows(operator, { workflows: [asks], forAll: true });
    const other = await test.newAuthor();
    expect((await test.runOf(other, 'fetches')).status).toBe('completed');
  });

  it('calls no MCP server, even one that an expression names', async () => {
    const author = await test.newAuthor();
    const calls = (server: string) => withNodes('calls', [{ id: 'a', kind: 'mcp', server, tool: 't' }]);
    await expect(test.services.publishWorkflows(author, { workflows: [calls('crm')] })).rejects.toMatchObject({
      problems: [{ path: '/workflows/0/definition/nodes/0/server' }],
    });
  });

  it('replaces none that workflows for all run, and pays for those that it runs', async () => {
    const { services, operator } = test;
    const author = await test.newAuthor();
    const outer = (credits: 'own' | 'included') =>
      withNodes('outer', [{ id: 'a', kind: 'workflow', workflow: 'check_limit', credits }], {
        result: '{{ nodes.a.output }}',
      });
    const workflows = [says('check_limit', 'too much', { credits: 7 }), outer('own')];
    await services.publishWorkflows(operator, { workflows, forAll: true });
    await services.publishWorkflows(author, { workflows: [says('check_limit', 'all fine')] });
    expect((await test.runOf(author, 'outer')).output).toEqual({ word: 'too much' });
    await services.publishWorkflows(author, { workflows: [outer('included')] });
    expect((await test.runOf(author, 'outer')).output).toEqual({ word: 'all fine' });
    await services.unpublishWorkflow(author, { workflowId: 'check_limit' });
    const before = (await services.getCredits(author)).usedThisMonth;
    expect((await test.runOf(author, 'outer')).output).toEqual({ word: 'too much' });
    expect((await services.getCredits(author)).usedThisMonth - before).toBe(7);
  });

  it('brings no code, no limits, and no schedule of another organization', async () => {
    const author = await test.newAuthor();
    const problemsOf = async (definition: JsonObject): Promise<unknown> => {
      const refused = test.services.publishWorkflows(author, { workflows: [{ definition }] });
      const { problems } = (await refused.catch((thrown: unknown) => thrown)) as { problems: { path: string }[] };
      return problems.map(({ path }) => path.replace('/workflows/0/definition/', ''));
    };
    const { definition } = withNodes('codes', [{ id: 'a', kind: 'code', uses: './a.js' }]);
    expect(await problemsOf(definition)).toEqual(['nodes/0/uses']);
    const schedules = [{ cron: '0 9 * * 1', organization: 'default' }];
    expect(
      await problemsOf(says('x', 'x', { limits: { runs: 1 }, isolation: 'inline', schedules }).definition),
    ).toEqual(['isolation', 'limits', 'schedules/0/organization']);
    const bundles = [{ sha: 'a'.repeat(64), code: '', packages: [] }];
    const withCode = test.services.publishWorkflows(author, { workflows: [says('y', 'y')], bundles });
    await expect(withCode).rejects.toMatchObject({ code: 'forbidden' });
    expect(PUBLISHED_CODE[0]).toBe('off');
  });
});

describe('a hostile definition', () => {
  const nested = (levels: number): JsonObject => {
    let value: JsonObject = {};
    for (let level = 0; level < levels; level += 1) value = { a: value };
    return value;
  };
  const many = Array.from({ length: 600 }, (_, index) => ({ id: `n${index}`, kind: 'transform', with: 1 }));
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['that is no object', 'x', ''],
    ['that is a list', [], ''],
    ['that is too long', says('w', 'x'.repeat(300_000)).definition, ''],
    ['that is nested too deep', says('w', 'x', { result: nested(5_000) }).definition, ''],
    ['with too many nodes', says('w', 'x', { nodes: many }).definition, 'nodes'],
    [
      'with a pattern whose time explodes',
      says('w', 'x', { input: { type: 'object', properties: { a: { type: 'string', pattern: '^(?=(a+)+$)\\1' } } } })
        .definition,
      'input',
    ],
    ['that names itself __proto__', says('__proto__', 'x').definition, 'id'],
    ['that names another organization by its id', says('0190b0c2-7f3a-7abc-8def-0123456789ab/x', 'x').definition, 'id'],
  ];

  it.each(cases)('%s is refused with its place', async (_name, definition, place) => {
    const author = await test.newAuthor();
    const refused = test.services.publishWorkflows(author, { workflows: [{ definition }] });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_definition' });
    const { problems } = (await refused.catch((thrown: unknown) => thrown)) as { problems: { path: string }[] };
    expect(problems.map(({ path }) => path)).toContain(`/workflows/0/definition/${place}`);
    expect(await test.services.listPublications(author, { limit: 1 })).toEqual([]);
  });
});
