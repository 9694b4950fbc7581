import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { bearer, KEY_A, KEY_B, post } from '../../../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS, sampleId } from '../../../../test/support/runs/sample-records.js';
import { ErrandError } from '../../../core/errors.js';
import type { ApiRun } from '../../../api/api-types.js';
import { completeNode } from '../../../api/client/brief-nodes.js';
import { fixture, api, get, json, RUN_URL, setUp } from '../../../../test/support/http/rest-under-test.js';

setUp();

describe('the REST API, workflows and runs', () => {
  it('lists workflows and shows one', async () => {
    const one = await json(get('/workflows/site_checkup'));
    expect(one).toMatchObject({
      id: 'site_checkup',
      version: 1,
      credits: 25,
      agents: [{ role: 'link-checker', label: 'Link Checker' }, {}],
      created_at: '2026-11-21T20:16:05.123Z',
    });
    expect(await json(get('/workflows'))).toMatchObject({ workflows: [{ id: 'anything' }, one] });
    expect((await get('/workflows/nope')).status).toBe(404);
  });

  it('takes a priority and says what a pending run and its nodes wait for', async () => {
    const waits = { run: 'a free slot: 1 of 1 runs are active', nodes: new Map([['crawl', 'its turn']]) };
    fixture.services.stub('explainWaits', async () => waits);
    const body = { workflow_id: 'site_checkup', input: { url: 'u' } };
    expect(await json(post(`${api}/runs`, { ...body, priority: 'high' }))).toMatchObject({
      waiting_for: 'a free slot: 1 of 1 runs are active',
      nodes: [{ id: 'crawl', held_up_by: 'its turn' }, { held_up_by: null }, {}],
    });
    expect((await post(`${api}/runs`, { ...body, priority: -10 })).status).toBe(201);
    expect((await post(`${api}/runs`, { ...body, priority: null })).status).toBe(201);
    for (const priority of ['urgent', 11, 1.5]) {
      expect((await post(`${api}/runs`, { ...body, priority })).status).toBe(400);
    }
  });

  it('retries a run, and reruns it', async () => {
    const { run_id } = (await json(post(`${api}/runs`, { workflow_id: 'site_checkup', input: { url: 'u' } }))) as {
      run_id: string;
    };
    const of = (what: string, body: object = {}): Promise<Response> => post(`${api}/runs/${run_id}/${what}`, body);
    expect((await of('retry')).status).toBe(409);
    await of('cancel');
    const rerun = await of('rerun', { from_node: 'crawl', priority: 'low' });
    expect(rerun.status).toBe(201);
    expect(await rerun.json()).toMatchObject({ rerun_of: { run_id, from_node: 'crawl' } });
    expect(await json(of('rerun', { input: { url: 'v' } }))).toMatchObject({ rerun_of: { run_id, from_node: null } });
    expect((await of('rerun', { input: { url: 'v' }, from_node: 'crawl' })).status).toBe(400);
    expect((await of('rerun', { from_node: 7 })).status).toBe(400);
    expect((await of('retry', { nope: 1 })).status).toBe(400);
    expect(await json(of('retry'))).toMatchObject({ run_id, status: 'pending', terminal: false, retries: 1 });
  });

  it('starts a run with 201', async () => {
    const body = { workflow_id: 'site_checkup', input: { url: 'u' }, instruction: 'Be brief.' };
    const response = await post(`${api}/runs`, body);
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      status: 'pending',
      terminal: false,
      credits_reserved: 25,
      nodes: [{}, {}, {}],
    });
    expect(await fixture.services.newest()).toMatchObject({ input: { url: 'u' }, instruction: 'Be brief.' });
  });

  it('refuses a request that is wrong, naming each path', async () => {
    const response = await post(`${api}/runs`, { workflow: 'x', wait_seconds: 26 });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; problems: { path: string }[] } };
    expect(error.code).toBe('invalid_input');
    expect(error.problems.map(({ path }) => path).toSorted()).toEqual(['/wait_seconds', '/workflow', '/workflow_id']);
  });

  it('gives the problems of an input that does not fit', async () => {
    const response = await post(`${api}/runs`, { workflow_id: 'site_checkup', input: { url: 1 } });
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_input', problems: [{ path: '/url' }] } });
  });

  it.each([
    ['insufficient_credits', 402],
    ['conflict', 409],
    ['unavailable', 503],
    ['internal', 500],
  ] as const)('answers %s with %i', async (code, status) => {
    fixture.services.stub('runWorkflow', async () => {
      throw new ErrandError(code, 'No.', { retryAfterSeconds: 3 });
    });
    const response = await post(`${api}/runs`, { workflow_id: 'anything' });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.headers.get('retry-after')).toBe(code === 'internal' ? null : '3');
  });

  it('waits for the end of a run it started', async () => {
    const answer = post(`${api}/runs`, { workflow_id: 'anything', wait_seconds: 20 });
    await expect.poll(() => fixture.services.waiters).toBe(1);
    const started = await fixture.services.newest();
    await fixture.services.append(started?.run.id ?? '', {
      kind: 'run.completed',
      output: 5,
      summary: null,
      creditsConsumed: 0,
    });
    expect(await json(answer)).toMatchObject({ status: 'completed', terminal: true, output: 5 });
  });

  it('shows runs of the caller only, under either form of their id', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const shown = await json(get(RUN_URL));
    expect(shown).toMatchObject({ run_id: `run_${SAMPLE_RUNS.running.id}`, status: 'running', agent_count: 2 });
    expect(shown).not.toHaveProperty('output');
    expect(await json(get(`/runs/${SAMPLE_RUNS.running.id}`))).toEqual(shown);
    const foreign = await get(RUN_URL, KEY_B);
    const malformed = await get('/runs/nope', KEY_B);
    expect([foreign.status, malformed.status]).toEqual([404, 404]);
    expect(await foreign.text()).toBe(await malformed.text());
  });

  it('says why a run failed, and in which node, alone and in the list', async () => {
    await fixture.services.put(SAMPLE_RUNS.failed);
    const error = { kind: 'error', message: 'No company found for email x@example.org', node_id: 'crawl' };
    expect(await json(get(`/runs/${SAMPLE_RUNS.failed.id}`))).toHaveProperty('error', error);
    expect(await json(get('/runs'))).toHaveProperty('runs.0.error', error);
  });

  it('shows what a node asks, and takes the answer', async () => {
    const { id } = SAMPLE_RUNS.running;
    await fixture.services.put(SAMPLE_RUNS.running);
    const question = { message: 'Go on?', schema: { type: 'boolean' } };
    const wait = { for: 'answer', until: null, question } as const;
    await fixture.services.append(id, { kind: 'node.waiting', nodeId: 'links', attempt: 1, wait });
    const asking = { status: 'waiting', waiting_for: 'answer', waiting_until: null, question };
    expect(await json(get(RUN_URL))).toMatchObject({ nodes: [{}, asking, {}] });
    const answer = (body: unknown, node = 'links'): Promise<Response> =>
      post(`${api}/runs/${id}/nodes/${node}/answer`, body);
    expect((await answer({})).status).toBe(400);
    expect((await answer({ answer: true }, 'seo')).status).toBe(409);
    expect(await json(answer({ answer: true }))).toMatchObject({
      nodes: [{}, { status: 'running', question: null }, {}],
    });
    const { events } = (await json(get(`/runs/${id}/events`))) as { events: object[] };
    expect(events.slice(-2)).toMatchObject([
      { kind: 'node.waiting', node_id: 'links', data: { for: 'answer', until: null, question } },
      { kind: 'node.answered', node_id: 'links', data: { answer: true, by: 'caller' } },
    ]);
  });

  it('shows a run without its nodes, or with brief ones, to who asks so', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const whole = (await json(get(RUN_URL))) as { nodes: unknown[] };
    expect(whole.nodes).toHaveLength(3);
    expect(await json(get(`${RUN_URL}?nodes=none`))).toEqual({ ...whole, nodes: [] });
    const brief = (await json(get(`${RUN_URL}?nodes=brief`))) as ApiRun;
    expect(brief.nodes.flatMap((node): unknown[] => Object.values(node))).not.toContain(null);
    expect({ ...brief, nodes: brief.nodes.map(completeNode) }).toEqual(whole);
    expect(await json(get(`${RUN_URL}?nodes=all`))).toEqual(whole);
  });

  it('waits for a run to change', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const answer = get(`${RUN_URL}?wait_seconds=20&since_version=1`);
    await expect.poll(() => fixture.services.waiters).toBe(1);
    await fixture.services.append(SAMPLE_RUNS.running.id, { kind: 'node.findings', nodeId: 'links', findings: 'Hm.' });
    expect(await json(answer)).toMatchObject({ version: 2, status: 'running' });
    expect(await json(get(`${RUN_URL}?wait_seconds=20&since_version=1`))).toMatchObject({ version: 2 });
  });

  it.each(['?wait_seconds=26', '?wait_seconds=x', '?since_version=-1', '?nodes=some'])(
    'refuses the query %s',
    async (query) => {
      await fixture.services.put(SAMPLE_RUNS.running);
      expect((await get(RUN_URL + query)).status).toBe(400);
    },
  );

  it('lists runs', async () => {
    await fixture.services.put(SAMPLE_RUNS.completed);
    expect(await json(get('/runs?status=completed&limit=5'))).toMatchObject({
      runs: [{ run_id: `run_${SAMPLE_RUNS.completed.id}`, terminal: true }],
      total: 1,
      limit: 5,
      offset: 0,
    });
    expect(await json(get('/runs?workflow_id=nope'))).toMatchObject({ runs: [], total: 0 });
    for (const query of ['limit=0', 'limit=101', 'offset=-1', 'status=done', 'before=run_1']) {
      expect((await get(`/runs?${query}`)).status).toBe(400);
    }
  });

  it('takes an empty body of any type for {}, where nothing in it is needed', async () => {
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }, {}]) {
      for (const body of ['', ' \n']) {
        await fixture.services.renew();
        await fixture.services.put(SAMPLE_RUNS.running);
        const init = { method: 'POST', headers: { ...bearer(KEY_A), ...headers }, body };
        expect((await fetch(`${api}${RUN_URL}/cancel`, init)).status).toBe(200);
        const nothing = await fetch(`${api}/runs`, init);
        expect([nothing.status, await nothing.json()]).toMatchObject([
          400,
          { error: { problems: [{ path: '/workflow_id', message: 'is missing' }] } },
        ]);
      }
    }
  });

  it('refuses numbers that would come out as other ones', async () => {
    const refused = await post(`${api}/runs`, '{"workflow_id":"anything","input":{"id":12345678901234567890}}');
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      {
        error: {
          code: 'invalid_input',
          message:
            'The body cannot be read. The number 12345678901234567890 at /input/id cannot be kept exactly: write it as a text, in quotes.',
          problems: [{ path: '/input/id', message: 'cannot be kept exactly' }],
        },
      },
    ]);
  });

  it('lists the runs before one, and refuses high offsets', async () => {
    const older = await fixture.services.put({ ...SAMPLE_RUNS.completed, id: sampleId(0) });
    const newer = await fixture.services.put({ ...SAMPLE_RUNS.running, id: sampleId(1) });
    expect(await json(get(`/runs?before=run_${newer.id}`))).toMatchObject({ runs: [{ run_id: `run_${older.id}` }] });
    expect(await json(get(`/runs?before=run_${older.id}`))).toMatchObject({ runs: [], total: 2 });
    expect((await get('/runs?offset=10000')).status).toBe(200);
    const refused = await get('/runs?offset=10001');
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/offset must be at most 10000\. For older runs, give before=/) } },
    ]);
    expect((await get('/credits/movements?offset=10001')).status).toBe(400);
  });

  it('answers a waiting call of a client that has closed its sending half', async () => {
    const { services, server } = fixture;
    const run = await services.put(SAMPLE_RUNS.running);
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    const head = `GET /api/v1${RUN_URL}?wait_seconds=25 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY_A}\r\n\r\n`;
    socket.end(head);
    await expect.poll(() => services.waiters).toBe(1);
    await services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
    const answer = await textOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"status":"cancelled"/);
  });

  it('lets 1,000 calls of a key wait at the same time', async () => {
    const { services } = fixture;
    const run = await services.put(SAMPLE_RUNS.running);
    const waiting = Array.from({ length: 1_000 }, () => get(`${RUN_URL}?wait_seconds=25`));
    await expect.poll(() => services.waiters, { timeout: 20_000 }).toBe(1_000);
    const refused = await get(`${RUN_URL}?wait_seconds=25`);
    expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'rate_limited' } }]);
    const total = await services.count();
    expect((await post(`${api}/runs`, { workflow_id: 'anything', wait_seconds: 1 })).status).toBe(429);
    expect(await services.count()).toBe(total);
    expect((await get(RUN_URL)).status).toBe(200);
    await services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
    for (const response of await Promise.all(waiting)) expect(await response.json()).toMatchObject({ terminal: true });
    expect((await get(`${RUN_URL}?wait_seconds=25`)).status).toBe(200);
  });

  it('takes null for what need not be given', async () => {
    const nothing = { instruction: null, idempotency_key: null, priority: null, wait_seconds: null };
    const body = { workflow_id: 'site_checkup', input: { url: 'u' }, ...nothing };
    const started = await post(`${api}/runs`, body);
    expect(started.status).toBe(201);
    const { run_id } = (await started.json()) as ApiRun;
    const again = await post(`${api}/runs/${run_id}/rerun`, { input: null, from_node: null, same_version: null });
    expect(again.status).toBe(201);
    expect(await post(`${api}/runs`, { ...body, workflow_id: null })).toMatchObject({ status: 400 });
  });

  it('says how to go on when the run of a repeated key has failed', async () => {
    const body = { workflow_id: 'site_checkup', input: { url: 'u' }, idempotency_key: 'k' };
    const { run_id } = (await json(post(`${api}/runs`, body))) as ApiRun;
    const error = { kind: 'error', message: 'no', nodeId: null };
    await fixture.services.append(run_id.slice('run_'.length), { kind: 'run.failed', error });
    const answer = await post(`${api}/runs`, body);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { status: 'failed', next_action: expect.stringContaining(`POST /api/v1/runs/${run_id}/retry`) as string },
    ]);
  });

  it('cancels a run, with and without a body', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const cancelled = await post(`${api}${RUN_URL}/cancel`, { reason: 'enough' });
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled' });
    const again = await fetch(`${api}${RUN_URL}/cancel`, { method: 'POST', headers: bearer(KEY_A) });
    expect([again.status, await again.json()]).toMatchObject([200, { status: 'cancelled' }]);
    const { id } = await fixture.services.put({ ...SAMPLE_RUNS.completed, id: sampleId(1) });
    const ended = await post(`${api}/runs/${id}/cancel`, {});
    expect([ended.status, await ended.json()]).toMatchObject([409, { error: { code: 'conflict' } }]);
  });
});
