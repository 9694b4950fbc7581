import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bearer, KEY_A, KEY_B, limitOf, post, startFixture, type Fixture } from '../../../test/http-fixture.js';
import { SAMPLE_RUNS, sampleWorkflow } from '../../../test/sample-records.js';
import { NO_WAITS } from '../../core/ports/engine.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { ErrandError } from '../../core/errors.js';
import type { ApiRun } from '../../api/api-types.js';

let fixture: Fixture;
let api: string;

beforeAll(async () => {
  fixture = await startFixture({
    workflows: [sampleWorkflow(), sampleWorkflow({ id: 'anything', input: { type: 'object' }, credits: 0 })],
  });
  api = `${fixture.url}/api/v1`;
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.services.runs.clear();
  fixture.services.dispatchFault = null;
  fixture.services.readyFault = null;
  fixture.services.monthlyLimit = 100;
});

async function get(path: string, key = KEY_A): Promise<Response> {
  return await fetch(api + path, { headers: bearer(key) });
}

async function json(response: Response | Promise<Response>): Promise<unknown> {
  return await (await response).json();
}

const RUN_URL = `/runs/run_${SAMPLE_RUNS.running.id}`;

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
    expect(await json(get('/workflows'))).toMatchObject({ workflows: [one, { id: 'anything' }] });
    expect((await get('/workflows/nope')).status).toBe(404);
  });

  it('takes a priority and says what a pending run and its nodes wait for', async () => {
    fixture.services.waits = { run: 'a free slot: 1 of 1 runs are active', nodes: new Map([['crawl', 'its turn']]) };
    const body = { workflow_id: 'site_checkup', input: { url: 'u' } };
    expect(await json(post(`${api}/runs`, { ...body, priority: 'high' }))).toMatchObject({
      waiting_for: 'a free slot: 1 of 1 runs are active',
      nodes: [{ id: 'crawl', held_up_by: 'its turn' }, { held_up_by: null }, {}],
    });
    fixture.services.waits = NO_WAITS;
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
    expect((await of('retry', { nope: 1 })).status).toBe(400);
    expect(await json(of('retry'))).toMatchObject({ run_id, status: 'pending', terminal: false, retries: 1 });
    const rerun = await of('rerun', { input: { url: 'v' }, from_node: 'crawl', priority: 'low' });
    expect(rerun.status).toBe(201);
    expect(await rerun.json()).toMatchObject({ rerun_of: { run_id, from_node: 'crawl' } });
    expect((await of('rerun', { from_node: 7 })).status).toBe(400);
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
    expect([...fixture.services.runs.values()][0]).toMatchObject({ input: { url: 'u' }, instruction: 'Be brief.' });
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
    ['execution_error', 502],
    ['unavailable', 503],
    ['internal', 500],
  ] as const)('answers %s with %i', async (code, status) => {
    fixture.services.dispatchFault = new ErrandError(code, 'No.', { retryAfterSeconds: 3 });
    const response = await post(`${api}/runs`, { workflow_id: 'anything' });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.headers.get('retry-after')).toBe(code === 'internal' ? null : '3');
  });

  it('waits for the end of a run it started', async () => {
    const answer = post(`${api}/runs`, { workflow_id: 'anything', wait_seconds: 20 });
    await expect.poll(() => fixture.services.waiters).toBe(1);
    const [run] = fixture.services.runs.values();
    fixture.services.append(run?.run.id ?? '', { kind: 'run.completed', output: 5, summary: null, creditsConsumed: 0 });
    expect(await json(answer)).toMatchObject({ status: 'completed', terminal: true, output: 5 });
  });

  it('shows runs of the caller only, under either form of their id', async () => {
    fixture.services.put(SAMPLE_RUNS.running);
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
    fixture.services.put(SAMPLE_RUNS.failed);
    const error = { kind: 'error', message: 'No company found for email x@example.org', node_id: 'crawl' };
    expect(await json(get(`/runs/${SAMPLE_RUNS.failed.id}`))).toHaveProperty('error', error);
    expect(await json(get('/runs'))).toHaveProperty('runs.0.error', error);
  });

  it('shows what a node asks, and takes the answer', async () => {
    const { id } = SAMPLE_RUNS.running;
    fixture.services.put(SAMPLE_RUNS.running);
    const question = { message: 'Go on?', schema: { type: 'boolean' } };
    const wait = { for: 'answer', until: null, question } as const;
    fixture.services.append(id, { kind: 'node.waiting', nodeId: 'links', attempt: 1, wait });
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

  it('waits for a run to change', async () => {
    fixture.services.put(SAMPLE_RUNS.running);
    const answer = get(`${RUN_URL}?wait_seconds=20&since_version=1`);
    await expect.poll(() => fixture.services.waiters).toBe(1);
    fixture.services.append(SAMPLE_RUNS.running.id, { kind: 'node.findings', nodeId: 'links', findings: 'Hm.' });
    expect(await json(answer)).toMatchObject({ version: 2, status: 'running' });
    expect(await json(get(`${RUN_URL}?wait_seconds=20&since_version=1`))).toMatchObject({ version: 2 });
  });

  it.each(['?wait_seconds=26', '?wait_seconds=x', '?since_version=-1'])('refuses the query %s', async (query) => {
    fixture.services.put(SAMPLE_RUNS.running);
    expect((await get(RUN_URL + query)).status).toBe(400);
  });

  it('lists runs', async () => {
    fixture.services.put(SAMPLE_RUNS.completed);
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
        fixture.services.put(SAMPLE_RUNS.running);
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
    const [older, newer] = [SAMPLE_RUNS.completed, SAMPLE_RUNS.running].map((run, index) =>
      fixture.services.put({ ...run, id: `0193512f-4d2b-7c3a-9f00-00000000000${index}` }),
    );
    expect(await json(get(`/runs?before=run_${newer?.id}`))).toMatchObject({ runs: [{ run_id: `run_${older?.id}` }] });
    expect(await json(get(`/runs?before=run_${older?.id}`))).toMatchObject({ runs: [], total: 2 });
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
    const run = services.put(SAMPLE_RUNS.running);
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    const head = `GET /api/v1${RUN_URL}?wait_seconds=25 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY_A}\r\n\r\n`;
    socket.end(head);
    await expect.poll(() => services.waiters).toBe(1);
    services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
    const answer = await textOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"status":"cancelled"/);
  });

  it('lets 1,000 calls of a key wait at the same time', async () => {
    const { services } = fixture;
    const run = services.put(SAMPLE_RUNS.running);
    const waiting = Array.from({ length: 1_000 }, () => get(`${RUN_URL}?wait_seconds=25`));
    await expect.poll(() => services.waiters, { timeout: 20_000 }).toBe(1_000);
    const refused = await get(`${RUN_URL}?wait_seconds=25`);
    expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'rate_limited' } }]);
    const total = services.runs.size;
    expect((await post(`${api}/runs`, { workflow_id: 'anything', wait_seconds: 1 })).status).toBe(429);
    expect(services.runs.size).toBe(total);
    expect((await get(RUN_URL)).status).toBe(200);
    services.append(run.id, { kind: 'run.cancelled', reason: 'enough' });
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
    const run = fixture.services.put(SAMPLE_RUNS.failed);
    const runWorkflow = fixture.services.runWorkflow.bind(fixture.services);
    fixture.services.runWorkflow = async (caller, params) => {
      const workflow = await fixture.services.getWorkflow(caller, params);
      return { run, workflow, created: false };
    };
    const body = { workflow_id: 'site_checkup', input: { url: 'u' }, idempotency_key: 'k' };
    const answer = await post(`${api}/runs`, body);
    fixture.services.runWorkflow = runWorkflow;
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { status: 'failed', next_action: expect.stringContaining(`POST /api/v1${RUN_URL}/retry`) as string },
    ]);
  });

  it('cancels a run, with and without a body', async () => {
    fixture.services.put(SAMPLE_RUNS.running);
    const cancelled = await post(`${api}${RUN_URL}/cancel`, { reason: 'enough' });
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled' });
    const again = await fetch(`${api}${RUN_URL}/cancel`, { method: 'POST', headers: bearer(KEY_A) });
    expect([again.status, await again.json()]).toMatchObject([200, { status: 'cancelled' }]);
    fixture.services.put(SAMPLE_RUNS.completed);
    const ended = await post(`${api}${RUN_URL}/cancel`, {});
    expect([ended.status, await ended.json()]).toMatchObject([409, { error: { code: 'conflict' } }]);
  });
});

describe('the REST API, events', () => {
  function finish(): void {
    const { services } = fixture;
    const { id } = services.put(SAMPLE_RUNS.running);
    services.append(id, { kind: 'node.progress', nodeId: 'links', percent: 65, message: 'page 3' });
    services.append(id, { kind: 'run.failed', error: { kind: 'error', message: 'no', nodeId: 'links' } });
  }

  it('are listed', async () => {
    finish();
    expect(await json(get(`${RUN_URL}/events?after=2`))).toEqual({
      events: [
        {
          seq: 3,
          at: expect.stringMatching(/Z$/) as string,
          kind: 'run.failed',
          node_id: null,
          data: { error: { kind: 'error', message: 'no', node_id: 'links' } },
        },
      ],
      next_after: null,
    });
    expect(await json(get(`${RUN_URL}/events?limit=1`))).toMatchObject({
      events: [{ seq: 2 }],
      next_after: 2,
    });
  });

  it('stream as they come, until the run ends', async () => {
    const { services } = fixture;
    const { id } = services.put(SAMPLE_RUNS.running);
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    const response = await fetch(`${api}${RUN_URL}/events`, { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    services.append(id, { kind: 'node.progress', nodeId: 'links', percent: 65, message: 'page 3' });
    services.append(id, { kind: 'run.cancelled', reason: 'enough' });
    const text = await response.text();
    expect(text).toContain('id: 2\nevent: node.progress\ndata: {"seq":2,');
    expect(text).toContain('"node_id":"links","data":{"percent":65,"message":"page 3"}}\n\n');
    expect(text).toMatch(/id: 3\nevent: run\.cancelled\ndata: .*\n\n$/);
  });

  it('stream from where a client left off, and say when there is no more', async () => {
    finish();
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    const rest = await fetch(`${api}${RUN_URL}/events`, { headers: { ...headers, 'last-event-id': '2' } });
    expect(await rest.text()).not.toContain('id: 2');
    expect((await fetch(`${api}${RUN_URL}/events?after=3`, { headers })).status).toBe(204);
  });

  it('stop being watched when the client goes away', async () => {
    fixture.services.put(SAMPLE_RUNS.running);
    const gone = new AbortController();
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    await fetch(`${api}${RUN_URL}/events`, { headers, signal: gone.signal });
    await expect.poll(() => fixture.services.waiters).toBe(1);
    gone.abort();
    await expect.poll(() => fixture.services.waiters).toBe(0);
  });

  it('leave nothing behind after a HEAD request', async () => {
    const { services } = fixture;
    services.put(SAMPLE_RUNS.running);
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    for (let count = 0; count < 150; count += 1) {
      const response = await fetch(`${api}${RUN_URL}/events`, { method: 'HEAD', headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
    }
    expect(services.waiters).toBe(0);
    expect(
      (await fetch(`${api}/runs/run_00000000-0000-7000-8000-000000000000/events`, { method: 'HEAD', headers })).status,
    ).toBe(404);
  });

  it('stream at most 100 times at once for a key', async () => {
    fixture.services.put(SAMPLE_RUNS.running);
    const headers = { ...bearer(KEY_A), accept: 'text/event-stream' };
    const gone = new AbortController();
    const open = (): Promise<Response> => fetch(`${api}${RUN_URL}/events`, { headers, signal: gone.signal });
    const responses = await Promise.all(Array.from({ length: 100 }, open));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await open();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await refused.json()).toMatchObject({
      error: { code: 'rate_limited', message: expect.stringContaining('At most 100 event streams') as string },
    });
    gone.abort();
    await expect.poll(() => fixture.services.waiters).toBe(0);
    expect((await fetch(`${api}${RUN_URL}/events`, { headers })).status).toBe(200);
  });

  it('of another organization are not found', async () => {
    finish();
    expect((await get(`${RUN_URL}/events`, KEY_B)).status).toBe(404);
    const headers = { ...bearer(KEY_B), accept: 'text/event-stream' };
    expect((await fetch(`${api}${RUN_URL}/events`, { headers })).status).toBe(404);
  });
});

describe('the REST API, credits, organizations and keys', () => {
  it('shows credits and their movements', async () => {
    fixture.services.put(SAMPLE_RUNS.running);
    expect(await json(get('/credits'))).toMatchObject({ available: 75, reserved: 25, monthly_limit: 100 });
    expect(await json(get('/credits/movements?limit=5'))).toMatchObject({
      movements: [{ kind: 'reserve', reserved_delta: 25, run_id: `run_${SAMPLE_RUNS.running.id}` }],
    });
  });

  it('makes organizations and sets their credits', async () => {
    const made = await post(`${api}/organizations`, { slug: 'acme', name: 'Acme' });
    expect([made.status, await made.json()]).toMatchObject([201, { slug: 'acme', name: 'Acme' }]);
    expect(await json(get('/organizations'))).toMatchObject({ organizations: [{ slug: 'acme' }], total: 1 });
    const change = async (body: object): Promise<Response> =>
      await fetch(`${api}/organizations/acme`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...bearer(KEY_A) },
        body: JSON.stringify(body),
      });
    expect(await json(change({ limits: { runs: 5, nodes: null } }))).toMatchObject({
      limits: { runs: 5, nodes: null },
    });
    expect((await change({ limits: { runs: 0 } })).status).toBe(400);
    const rules = { all: { keep_for_seconds: 86_400 }, failed: { keep: 5, keep_for_seconds: null } };
    expect(await json(change({ retention: rules }))).toMatchObject({ retention: rules, limits: { runs: 5 } });
    expect(await json(change({ retention: { failed: null } }))).toMatchObject({ retention: { all: rules.all } });
    expect(await json(change({ retention: null }))).toMatchObject({ retention: {}, limits: { runs: 5 } });
    expect((await change({ retention: { running: { keep: 1 } } })).status).toBe(400);
    expect((await change({ retention: { all: { keep: -1 } } })).status).toBe(400);
    expect((await change({ retention: { all: { keep_for_seconds: 9_007_199_254_740_991 } } })).status).toBe(400);
    expect((await change({ retention: { all: { keep: 1_000_000_001 } } })).status).toBe(400);
    const set = await fetch(`${api}/organizations/acme/credits`, {
      method: 'PUT',
      headers: { ...bearer(KEY_A), 'content-type': 'application/json' },
      body: '{"monthly_credits":7}',
    });
    expect(await set.json()).toMatchObject({ monthly_limit: 7 });
  });

  it('makes, lists and revokes keys, showing a key once', async () => {
    const made = await post(`${api}/keys`, { name: 'ci', expires_at: '2027-01-31T12:00:00Z' });
    expect(made.status).toBe(201);
    const view = (await made.json()) as { id: string; key?: string };
    expect(view).toMatchObject({ name: 'ci', scopes: ['run'], expires_at: '2027-01-31T12:00:00.000Z' });
    expect(view.key).toHaveLength(40);
    const { keys } = (await json(get('/keys'))) as { keys: object[] };
    expect(keys[0]).not.toHaveProperty('key');
    expect(keys[0]).not.toHaveProperty('hash');
    const revoked = await fetch(`${api}/keys/${view.id}`, { method: 'DELETE', headers: bearer(KEY_A) });
    expect(revoked.status).toBe(204);
  });

  it.each([
    { name: '' },
    { name: 'x', scopes: ['root'] },
    { name: 'x', expires_at: 'tomorrow' },
    { name: 'x', expires_at: '2099-02-30T00:00:00Z' },
    { name: 'x', expires_at: '9999-12-31T23:59:59-23:59' },
  ])('refuses the new key %j', async (body) => {
    expect((await post(`${api}/keys`, body)).status).toBe(400);
  });
});

describe('the REST API, at the door', () => {
  it('needs a key everywhere', async () => {
    for (const path of ['/workflows', '/runs', RUN_URL, `${RUN_URL}/events`, '/credits', '/organizations', '/keys']) {
      const response = await fetch(api + path);
      const challenge = `Bearer resource_metadata="${fixture.url}/.well-known/oauth-protected-resource/api/v1"`;
      expect([path, response.status, response.headers.get('www-authenticate')]).toEqual([path, 401, challenge]);
    }
    const wrong = await get('/runs', 'sk_live_wrong');
    expect(wrong.headers.get('www-authenticate')).toMatch(
      /api\/v1", error="invalid_token", error_description="[^"]+"$/,
    );
  });

  it('refuses malformed JSON and other content types', async () => {
    const malformed = await post(`${api}/runs`, '{"workflow_id":');
    expect([malformed.status, await malformed.json()]).toMatchObject([400, { error: { code: 'invalid_input' } }]);
    const text = await post(`${api}/runs`, 'x', { ...bearer(KEY_A), 'content-type': 'text/plain' });
    expect([text.status, await text.json()]).toMatchObject([415, { error: { code: 'unsupported_media_type' } }]);
    const array = await post(`${api}/runs`, []);
    expect(array.status).toBe(400);
  });

  it('tells the methods of a path', async () => {
    const response = await fetch(`${api}/runs`, { method: 'DELETE', headers: bearer(KEY_A) });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
  });

  it('answers 429 over the limit', async () => {
    const limited = await startFixture({ limits: { mutating: limitOf(0), reading: limitOf(1) } });
    const ask = () => fetch(`${limited.url}/api/v1/workflows`, { headers: bearer(KEY_A) });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '42']);
    await limited.close();
  });

  it('tells whether the server is alive and ready', async () => {
    const { ready, later, close, url, services } = await healthFixture();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await ready()).status).toBe(200);
    services.readyFault = new ErrandError('unavailable', 'The disk is full.');
    later(1_000);
    const response = await ready();
    expect([response.status, await response.json()]).toMatchObject([503, { error: { message: 'The disk is full.' } }]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await close();
  });

  it('checks once a second at most whether the server is ready, however many ask', async () => {
    const { ready, later, close, services } = await healthFixture();
    const statuses = async (): Promise<Set<number>> =>
      new Set((await Promise.all(Array.from({ length: 50 }, ready))).map(({ status }) => status));
    expect([await statuses(), services.readyChecks]).toEqual([new Set([200]), 1]);
    services.readyFault = new ErrandError('unavailable', 'The disk is full.');
    later(999);
    expect([await statuses(), services.readyChecks]).toEqual([new Set([200]), 1]);
    later(1);
    expect([await statuses(), services.readyChecks]).toEqual([new Set([503]), 2]);
    services.readyFault = null;
    later(-3_600_000);
    expect([await statuses(), services.readyChecks]).toEqual([new Set([200]), 3]);
    await close();
  });
});

async function healthFixture() {
  let at = Date.now();
  const made = await startFixture({ clock: { ...nodeClock, now: () => at } });
  return { ...made, ready: () => fetch(`${made.url}/readyz`), later: (ms: number) => void (at += ms) };
}

describe('the log', () => {
  it('has a quiet line for each request, without headers, queries and bodies', async () => {
    const lines: string[] = [];
    const keep = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
    const logger = { debug: keep, info: keep, warn: keep, error: keep };
    const logged = await startFixture({ logger });
    await fetch(`${logged.url}/api/v1/runs?status=failed`, { headers: bearer(KEY_A) });
    await post(`${logged.url}/mcp/workflows`, { jsonrpc: '2.0', id: 'secret', method: 'ping' });
    await logged.close();
    expect(lines).toHaveLength(2);
    expect(lines.join()).toMatch(/"method":"GET","path":"\/api\/v1\/runs","status":200/);
    expect(lines.join()).not.toMatch(/sk_live|secret|status=failed/);
  });
});
