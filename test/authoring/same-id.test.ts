import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiSchedule } from '../../src/api/schedule-types.js';
import type { WorkflowDefinition } from '../../src/core/workflow/definition.js';
import { ErrandError } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { silentLogger } from '../../src/core/ports/logger.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { PublishedWorkflows } from '../../src/service/background/published-workflows.js';
import { workflowKey } from '../../src/core/workflow/workflow-key.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { AuthoringUnderTest } from './authoring-under-test.js';

/** For all: it asks first, and so is under way for as long as a test likes. */
const WEED = `id: weed
name: Weed
description: For all organizations.
credits: 5
nodes:
  - { id: ask, kind: ask, question: 'Begin?', answer: { type: boolean } }
schedules:
  - { name: nightly, cron: '0 3 * * *', organization: acme }
  - { name: weekly, cron: '0 3 * * MON', organization: acme }
  - { name: nightly, cron: '0 3 * * *', organization: others }
`;
/** For all: runs the one that is named, at the version that is named. */
const CALL = `id: call
name: Call
description: Runs another one.
credits: 1
input: { type: object, required: [of, version], properties: { of: { type: string }, version: { type: integer } } }
nodes:
  - { id: run, kind: workflow, workflow: '{{ input.of }}', version: '{{ input.version }}' }
result: '{{ nodes.run.output }}'
`;

type Definition = JsonObject;

const says = (id: string, word: string, more: Definition = {}): Definition => ({
  id,
  name: id,
  description: `Says ${word}.`,
  credits: 1,
  nodes: [{ id: 'say', kind: 'transform', with: { word } }],
  ...more,
});

describe("an organization's own workflow with the id of one for all", () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-same-id-'));
  let server: ServerProcess;
  /** Of two organizations with nothing to do with each other. */
  let acme: string;
  let others: string;
  let acmeId: string;

  beforeAll(async () => {
    mkdirSync(join(folder, 'workflows'));
    writeFileSync(join(folder, 'workflows', 'weed.yaml'), WEED);
    writeFileSync(join(folder, 'workflows', 'call.yaml'), CALL);
    const options = { data: join(folder, 'data'), workflows: join(folder, 'workflows') };
    server = await ServerProcess.start(options);
    [acme, others] = [await newKey('acme'), await newKey('others')];
    const { body } = await server.api('/organizations');
    const made = body['organizations'] as readonly { readonly slug: string; readonly id: string }[];
    acmeId = made.find(({ slug }) => slug === 'acme')?.id ?? '';
    // So that the schedules of files find their organizations.
    await server.end('SIGTERM');
    server = await ServerProcess.start(options);
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  async function newKey(slug: string): Promise<string> {
    const made = { method: 'POST', body: { slug, monthly_credits: 1_000 } };
    expect(await server.api('/organizations', made)).toMatchObject({ status: 201 });
    const body = { name: slug, scopes: ['read', 'run', 'manage', 'workflows:write'], organization: slug };
    return String((await server.api('/keys', { method: 'POST', body })).body['key']);
  }

  async function publish(key: string, ...definitions: readonly Definition[]): Promise<void> {
    const body = { workflows: definitions.map((definition) => ({ definition })) };
    const made = await server.api('/publications', { method: 'POST', body, key });
    expect(made).toMatchObject({ status: 201 });
  }

  async function unpublish(key: string, id: string): Promise<void> {
    expect(await server.api(`/workflows/${id}`, { method: 'DELETE', key })).toMatchObject({ status: 200 });
  }

  async function start(key: string, id: string, input: Definition = {}): Promise<string> {
    const body = { workflow_id: id, input };
    return String((await server.api('/runs', { method: 'POST', body, key })).body['run_id']);
  }

  async function endOf(key: string, id: string): Promise<Record<string, unknown>> {
    const read = async () => (await server.api(`/runs/${id}`, { key })).body;
    await expect.poll(async () => (await read())['completed_at']).not.toBeNull();
    return read();
  }

  const schedulesOf = async (key: string): Promise<readonly (readonly [string, string])[]> => {
    const { schedules } = (await server.api('/schedules', { key })).body as { schedules: readonly ApiSchedule[] };
    return schedules.map(({ name, cron }) => [name, cron] as const).toSorted(([a], [b]) => a.localeCompare(b));
  };

  it('has its own schedules, and no others, for as long as it is there', async () => {
    const ofFile = [
      ['nightly', '0 3 * * *'],
      ['weekly', '0 3 * * MON'],
    ];
    await expect.poll(() => schedulesOf(acme)).toEqual(ofFile);
    await publish(acme, says('weed', 'own', { schedules: [{ name: 'nightly', cron: '0 5 * * *' }] }));
    await expect.poll(() => schedulesOf(acme)).toEqual([['nightly', '0 5 * * *']]);
    // Whatever else is published: neither takes the place of the other.
    await publish(acme, says('other', 'own'));
    await publish(acme, says('other', 'own again', { schedules: [{ name: 'last', cron: '0 6 * * *' }] }));
    const own = [
      ['last', '0 6 * * *'],
      ['nightly', '0 5 * * *'],
    ];
    await expect.poll(() => schedulesOf(acme)).toEqual(own);
    expect(await schedulesOf(others)).toEqual([['nightly', '0 3 * * *']]);
    await unpublish(acme, 'weed');
    await unpublish(acme, 'other');
    await expect.poll(() => schedulesOf(acme)).toEqual(ofFile);
  });

  it('is run by no other organization, whatever an expression names it', async () => {
    const input = { type: 'object', properties: { of_acme: { type: 'string' } }, required: ['of_acme'] };
    await publish(acme, says('secret', 'mine', { input }), says('weed', 'own'));
    await publish(others, {
      ...says('try', ''),
      input: { type: 'object' },
      nodes: [{ id: 'run', kind: 'workflow', workflow: '{{ input.of }}', version: '{{ input.version }}' }],
    });
    for (const workflow of ['call', 'try']) {
      const told = async (of: string): Promise<string> => {
        const run = await endOf(others, await start(others, workflow, { of, version: 1 }));
        expect(run).toMatchObject({ status: 'failed', error: { kind: 'not_found' } });
        return (run['error'] as { message: string }).message.replaceAll(of, 'ID');
      };
      const none = await told('nothing');
      expect(await told('secret')).toBe(none);
      expect(await told(`${acmeId}/secret`)).toBe(none);
      expect(await told(`${acmeId}/weed`)).toBe(none);
    }
    await unpublish(acme, 'weed');
  });

  it('is what an operator means who makes and changes schedules, hooks and webhooks of its organization', async () => {
    const input = { type: 'object', properties: { bed: { type: 'string' } }, required: ['bed'] };
    await publish(acme, says('weed', 'own', { input }), says('hoard', 'mine'));
    await publish(KEY, says('ours', 'of the operator'));
    const fields: readonly (readonly [string, Definition])[] = [
      ['/schedules', { name: 'x', cron: '0 1 * * *' }],
      ['/hooks', { name: 'x' }],
      ['/webhooks', { name: 'x', url: 'https://example.com/' }],
    ];
    for (const [path, values] of fields) {
      const make = (id: string, more: Definition = {}) => {
        const body = { ...values, workflow_id: id, organization: 'acme', ...more };
        return server.api(path, { method: 'POST', body });
      };
      expect(await make('ours')).toMatchObject({ status: 404 });
      const { status, body } = await make('hoard');
      expect({ path, status }).toEqual({ path, status: 201 });
      const change = (changed: Definition) => {
        const patch = { method: 'PATCH', body: { ...changed, organization: 'acme' } };
        return server.api(`${path}/${String(body['id'])}`, patch);
      };
      expect(await change({ name: 'y' })).toMatchObject({ status: 200, body: { workflow_id: 'hoard' } });
      expect(await change({ workflow_id: 'ours' })).toMatchObject({ status: 404 });
      if (path !== '/schedules') continue;
      expect(await make('weed', { input: {} })).toMatchObject({ status: 400 });
      expect(await make('weed', { input: { bed: 'roses' } })).toMatchObject({ status: 201 });
    }
    const { schedules } = (await server.api('/schedules', { key: acme })).body as { schedules: readonly ApiSchedule[] };
    for (const { id } of schedules.filter(({ declared }) => !declared))
      expect(await server.api(`/schedules/${id}`, { method: 'DELETE', key: acme })).toMatchObject({ status: 204 });
    await unpublish(acme, 'weed');
    await unpublish(acme, 'hoard');
    await unpublish(KEY, 'ours');
  });

  it('is told of to who follows its resource, though its versions begin with that of the one for all', async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    const requestInit = { headers: { authorization: `Bearer ${others}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
    const told: unknown[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void told.push(params.uri));
    const uri = 'errand://workflows/weed';
    const following = await client.listen({ resourceSubscriptions: [uri] });
    await publish(acme, says('weed', 'of acme'));
    await publish(others, says('weed', 'of others'));
    await expect.poll(() => told).toEqual([uri]);
    const { tools } = await client.listTools();
    expect(tools.find(({ name }) => name === 'weed')?.description).toContain('Says of others.');
    await unpublish(acme, 'weed');
    await unpublish(others, 'weed');
    await expect.poll(() => told).toEqual([uri, uri]);
    await following.close();
    await client.close();
  });

  it('is estimated, and shown how it goes, by its own runs', async () => {
    const cancelled = await start(acme, 'weed');
    const answered = await start(acme, 'weed');
    const answer = { method: 'POST', body: { answer: true }, key: acme };
    await expect.poll(async () => (await server.api(`/runs/${answered}/nodes/ask/answer`, answer)).status).toBe(200);
    await server.api(`/runs/${cancelled}/cancel`, { method: 'POST', body: {}, key: acme });
    await endOf(acme, answered);
    const estimate = async () => (await server.api('/workflows/weed/estimate', { key: acme })).body;
    const trend = async () => {
      const { workflows } = (await server.api('/overview/workflows', { key: acme })).body;
      return (workflows as readonly Record<string, unknown>[]).find((each) => each['workflow_id'] === 'weed');
    };
    const days = async () => (await server.api('/overview/days?workflow_id=weed', { key: acme })).body['whole'];
    expect(await estimate()).toMatchObject({ runs: 1, credits: { max: 5 } });
    expect(await days()).toMatchObject({ completed: 1, cancelled: 1, credits: 5 });
    await publish(acme, says('weed', 'by its own'));
    expect(await estimate()).toMatchObject({ runs: 0, credits_reserved: 1, credits: null });
    await endOf(acme, await start(acme, 'weed'));
    expect(await estimate()).toMatchObject({ runs: 1, credits_reserved: 1, credits: { max: 1 } });
    expect(await trend()).toMatchObject({ latest: [{ status: 'completed' }] });
    expect(await days()).toMatchObject({ completed: 1, cancelled: 0, credits: 1 });
    await unpublish(acme, 'weed');
    expect(await estimate()).toMatchObject({ runs: 1, credits: { max: 5 } });
    expect((await trend())?.['latest']).toHaveLength(2);
    expect(await days()).toMatchObject({ completed: 1, cancelled: 1, credits: 5 });
  });

  it('keeps its runs, retries and reruns when it is taken away and the one for all is there again', async () => {
    const nodes = [
      { id: 'own_question', kind: 'ask', question: 'Go on?', answer: { type: 'boolean' } },
      { id: 'call', kind: 'workflow', workflow: 'helper', needs: ['own_question'] },
    ];
    const own = says('weed', '', { nodes, result: '{{ nodes.call.output }}' });
    await publish(acme, own, says('helper', 'helped by its own'));
    const run = await start(acme, 'weed');
    const answer = async (id: string): Promise<void> => {
      const init = { method: 'POST', body: { answer: true }, key: acme };
      await expect.poll(async () => (await server.api(`/runs/${id}/nodes/own_question/answer`, init)).status).toBe(200);
    };
    const post = (path: string, body: Definition = {}) => server.api(path, { method: 'POST', body, key: acme });
    expect(await post(`/runs/${run}/cancel`)).toMatchObject({ status: 200 });
    await endOf(acme, run);
    await unpublish(acme, 'weed');
    const { body: graph } = await server.api(`/runs/${run}/graph`, { key: acme });
    expect(graph).toMatchObject({ nodes: [{ id: 'own_question' }, { id: 'call' }] });
    expect(await post(`/runs/${run}/retry`)).toMatchObject({ status: 200 });
    await answer(run);
    expect(await endOf(acme, run)).toMatchObject({ output: { word: 'helped by its own' }, credits_consumed: 1 });
    const same = String((await post(`/runs/${run}/rerun`, { same_version: true })).body['run_id']);
    await answer(same);
    expect(await endOf(acme, same)).toMatchObject({ output: { word: 'helped by its own' } });
    // On the newest, it is what the id is of by now.
    const newest = await post(`/runs/${run}/rerun`);
    expect(newest).toMatchObject({ status: 201, body: { nodes: [{ id: 'ask' }], credits_reserved: 5 } });
    await post(`/runs/${String(newest.body['run_id'])}/cancel`);
    await unpublish(acme, 'helper');
  });

  it('is to others as if it were not there, with all that belongs to it', async () => {
    await publish(acme, says('hoard', 'mine'));
    const made = async (path: string, body: Definition, field: string): Promise<string> => {
      const answer = await server.api(path, { method: 'POST', body, key: acme });
      expect(answer).toMatchObject({ status: 201 });
      return String(answer.body[field]);
    };
    const run = await start(acme, 'hoard');
    await endOf(acme, run);
    const fields = { name: 'x', workflow_id: 'hoard' };
    const schedule = await made('/schedules', { ...fields, cron: '0 1 * * *', input: {} }, 'id');
    const hook = await made('/hooks', fields, 'id');
    const draft = await made('/drafts', { text: JSON.stringify(says('hoard', 'draft')) }, 'id');
    const { publications } = (await server.api('/publications', { key: acme })).body;
    const { number } = (publications as readonly { readonly number: number }[])[0] ?? { number: 0 };
    const none = '0190b0c2-7f3a-7abc-8def-0123456789ab';
    const calls: readonly (readonly [string, (id: string) => string, string, string, Definition?])[] = [
      ['POST', () => '/runs', 'hoard', 'nothing', {}],
      ...['', '/estimate', '/versions', '/versions/1', '/diff'].map(
        (rest) => ['GET', (id: string) => `/workflows/${id}${rest}`, 'hoard', 'nothing'] as const,
      ),
      ['POST', (id) => `/workflows/${id}/rollback`, 'hoard', 'nothing', { version: 1 }],
      ['DELETE', (id) => `/workflows/${id}`, 'hoard', 'nothing'],
      ...['', '/graph', '/events', '/nodes/say/input', '/nodes/say/output'].map(
        (rest) => ['GET', (id: string) => `/runs/${id}${rest}`, run, `run_${none}`] as const,
      ),
      ...['/cancel', '/retry', '/rerun'].map(
        (rest) => ['POST', (id: string) => `/runs/${id}${rest}`, run, `run_${none}`, {}] as const,
      ),
      ['GET', (id) => `/schedules/${id}`, schedule, none],
      ['DELETE', (id) => `/schedules/${id}`, schedule, none],
      ['GET', (id) => `/hooks/${id}`, hook, none],
      ['DELETE', (id) => `/hooks/${id}`, hook, none],
      ['GET', (id) => `/drafts/${id}`, draft, none],
      ['GET', (id) => `/drafts/${id}/diff`, draft, none],
      ['POST', (id) => `/drafts/${id}/publish`, draft, none, { revision: 1 }],
      ['POST', (id) => `/publications/${id}/revert`, String(number), '987654', {}],
    ];
    for (const [method, path, theirs, absent, body] of calls) {
      const ask = async (id: string) => {
        const sent = body === undefined ? {} : { body: path(id) === '/runs' ? { workflow_id: id } : body };
        const answer = await server.api(path(id), { method, key: others, ...sent });
        const text = JSON.stringify(answer).replaceAll(id, 'ID');
        return text.replace(/"request_id":"[^"]*"/, '');
      };
      expect(await ask(theirs), `${method} ${path('ID')}`).toBe(await ask(absent));
      expect(await ask(theirs), `${method} ${path('ID')}`).toContain('"status":404');
    }
    const listed = ['/workflows', '/runs', '/hooks', '/drafts', '/publications', '/overview/workflows', '/overview'];
    for (const path of listed) {
      const answer = await server.api(path, { key: others });
      expect({ path, ...answer }).toMatchObject({ path, status: 200 });
      expect(JSON.stringify({ path, ...answer })).not.toContain('hoard');
    }
    await unpublish(acme, 'hoard');
  });
});

describe('a published workflow that cannot be started here', () => {
  let test: AuthoringUnderTest;
  const FILES = { shared: 'of the file', alone: 'of the file' };
  beforeAll(async () => {
    test = await AuthoringUnderTest.start({}, FILES);
  });
  afterAll(() => test.close());

  /** Publishes it as another process would that has the same records. */
  async function publishElsewhere(organizationId: string | null, definition: Definition): Promise<void> {
    const workflowId = definition['id'] as string;
    const key = workflowKey({ workflowId, organizationId });
    const kept = { workflowId: key, hash: workflowId, handlers: {}, at: 1 };
    await test.assembly.store.transaction(async (tx) => {
      const written = { ...kept, definition: definition as unknown as WorkflowDefinition };
      const { version } = (await tx.workflows.saveVersion(written)).version;
      await tx.publications.publish({ organizationId, at: 1, keyId: null, versions: [{ workflowId, version }] });
    });
  }

  it('as a later version of the program wrote it is run by nobody, and no other of its id in its place', async () => {
    const [author, other] = [await test.newAuthor(), await test.newAuthor()];
    const nodes = [{ id: 'new', kind: 'of_later' }];
    await publishElsewhere(author.organizationId, says('shared', '', { nodes }));
    await publishElsewhere(null, says('alone', '', { nodes }));
    const told: (string | null)[] = [];
    test.assembly.catalog.onChanged((owner) => told.push(owner));
    await test.services.publishWorkflows(other, {
      workflows: [{ definition: says('else', 'own') }],
    });
    // With the one for all, all is another.
    expect(told).toEqual([null]);
    await publishElsewhere(author.organizationId, says('new', '', { nodes }));
    await test.services.publishWorkflows(other, {
      workflows: [{ definition: says('else', 'own too') }],
    });
    expect(new Set(told.slice(1))).toEqual(new Set([author.organizationId, other.organizationId]));
    await test.restart(FILES);
    const { services } = test;
    expect(await services.listWorkflows(author)).toEqual([]);
    await expect(test.runOf(author, 'shared')).rejects.toMatchObject({ code: 'not_found' });
    await expect(test.runOf(other, 'alone')).rejects.toMatchObject({ code: 'not_found' });
    expect((await test.runOf(other, 'shared')).output).toEqual({ word: 'of the file' });
    await services.unpublishWorkflow(author, { workflowId: 'shared' });
    await services.unpublishWorkflow(test.operator, { workflowId: 'alone', forAll: true });
    expect((await test.runOf(author, 'shared')).output).toEqual({ word: 'of the file' });
    expect((await test.runOf(author, 'alone')).output).toEqual({ word: 'of the file' });
  });

  it('as its version could not be read is read again', async () => {
    const author = await test.newAuthor();
    await publishElsewhere(author.organizationId, says('shared', 'own'));
    const { store, catalog } = test.assembly;
    const published = new PublishedWorkflows({
      store,
      catalog,
      clock: new ManualClock(1),
      logger: silentLogger,
      hints: null,
    });
    const getVersion = store.workflows.getVersion.bind(store.workflows);
    store.workflows.getVersion = () => Promise.reject(new ErrandError('unavailable', 'The database is gone.'));
    await expect(published.refresh()).rejects.toMatchObject({ code: 'unavailable' });
    store.workflows.getVersion = getVersion;
    await published.refresh();
    expect((await test.runOf(author, 'shared')).output).toEqual({ word: 'own' });
  });
});
