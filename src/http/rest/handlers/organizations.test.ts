import { describe, expect, it } from 'vitest';
import { bearer, KEY_A, post } from '../../../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS } from '../../../../test/support/runs/sample-records.js';
import { fixture, api, get, json, setUp } from '../../../../test/support/http/rest-under-test.js';

setUp();

describe('the REST API, credits, organizations and keys', () => {
  it('shows credits and their movements', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    expect(await json(get('/credits'))).toMatchObject({ available: 75, reserved: 25, monthly_limit: 100 });
    expect(await json(get('/credits/movements?limit=5'))).toMatchObject({
      movements: [{ kind: 'reserve', reserved_delta: 25, run_id: `run_${SAMPLE_RUNS.running.id}` }],
    });
  });

  it('tells limits and how near they are: of runs, calls and credits', async () => {
    await fixture.services.put(SAMPLE_RUNS.running);
    const told = await json(get('/limits'));
    expect(told).toMatchObject({
      runs: { limit: null, own: false },
      nodes: { used: null, limit: null, own: false },
      credits: { used: 25, limit: 100 },
    });
  });

  it('makes organizations and sets their credits', async () => {
    const made = await post(`${api}/organizations`, { slug: 'acme', name: 'Acme' });
    expect([made.status, await made.json()]).toMatchObject([201, { slug: 'acme', name: 'Acme' }]);
    expect(await json(get('/organizations'))).toMatchObject({ organizations: [{ slug: 'acme' }, {}, {}], total: 3 });
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
    expect(await json(change({ billing_day: 17 }))).toMatchObject({ billing_day: 17, limits: { runs: 5 } });
    const { reset_date } = (await json(get('/credits?organization=acme'))) as { reset_date: string };
    expect(reset_date).toMatch(/-17T00:00:00\.000Z$/);
    expect(await json(change({ billing_day: null }))).toMatchObject({ billing_day: null, limits: { runs: 5 } });
    for (const billing_day of [0, 32, 1.5, 'first']) expect((await change({ billing_day })).status).toBe(400);
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
