import { describe, expect, it } from 'vitest';
import { STUB_RUN_ID, stubRun } from '../../../test/support/http/rest-stub.js';
import { KEY, stub, cli, ok, setUp } from '../../../test/support/server/cli-under-test.js';

setUp();

describe('the other commands', () => {
  it('cancels a run with a reason', async () => {
    const server = await stub(() => ok(stubRun({ status: 'cancelled', terminal: true })));
    const { code, out } = await cli(['cancel', STUB_RUN_ID, '--reason', 'wrong site'], { url: server.url });
    expect(code).toBe(0);
    expect(out).toBe(`Cancelled ${STUB_RUN_ID} (Site Checkup).\n`);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: `/api/v1/runs/${STUB_RUN_ID}/cancel`,
      body: { reason: 'wrong site' },
    });
  });

  it('lists and shows workflows', async () => {
    const workflow = {
      id: 'site_checkup',
      name: 'Site Checkup',
      description: 'Five agents examine a web site.',
      version: 3,
      credits: 25,
      price: null,
      estimated_duration: '10-30 s',
      agents: [{ role: 'link-checker', label: 'Link Checker' }],
      input_schema: { type: 'object' },
      output_schema: null,
      ready: true,
      not_ready_because: null,
      created_at: '2026-11-21T12:00:00.000Z',
      updated_at: '2026-11-21T12:00:00.000Z',
    };
    const server = await stub(({ url }) => ok(url.endsWith('/workflows') ? { workflows: [workflow] } : workflow));
    expect((await cli(['workflows'], { url: server.url })).out).toMatch(
      /site_checkup {2}Site Checkup +3 +25 +1 {2}10-30 s/,
    );
    const shown = await cli(['workflows', 'show', 'a/b'], { url: server.url });
    expect(shown.out).toContain('link-checker  Link Checker');
    expect(server.requests[1]?.url).toBe('/api/v1/workflows/a%2Fb');
  });

  it('lists and shows events that were sent', async () => {
    const id = '0190b0c2-7f3a-7abc-8def-0123456789ab';
    const event = {
      id,
      name: 'order.paid',
      key: '',
      sent_at: '2026-11-21T12:00:00.000Z',
      expires_at: '2026-11-21T13:00:00.000Z',
      taken: 1,
    };
    const server = await stub(({ url }) =>
      ok(url.includes(id) ? { ...event, data: { total: 12.5, note: '\u001b[31m' } } : { events: [event] }),
    );
    const listed = await cli(['events', '--name', 'order.paid'], { url: server.url });
    expect(server.requests[0]?.url).toBe('/api/v1/events?name=order.paid&limit=100');
    expect(listed.out).toMatch(new RegExp(`${id} +order\\.paid +- +1 `));
    const shown = await cli(['events', 'show', id], { url: server.url });
    expect(server.requests[1]?.url).toBe(`/api/v1/events/${id}`);
    expect(shown.out).toMatch(/order\.paid[^]*Taken by +1 run[^]*"total": 12\.5/);
    expect(shown.out).not.toContain('\u001b[31m');
    const json = await cli(['events', 'show', id, '--json'], { url: server.url });
    expect(JSON.parse(json.out)).toMatchObject({ data: { total: 12.5 } });
  });

  it('makes a key: the key alone on standard output', async () => {
    const view = {
      id: 'k1',
      name: 'ci',
      hint: 'sk_live_Ab3d',
      scopes: ['run', 'manage'],
      created_at: '2026-11-21T12:00:00.000Z',
      expires_at: '2026-11-22T12:03:00.000Z',
      revoked_at: null,
      last_used_at: null,
    };
    const server = await stub((request) => {
      if (request.method === 'POST') return { status: 201, body: { ...view, key: KEY } };
      return ok({ keys: [view] });
    });
    const argv = ['keys', 'create', 'ci', '--organization', 'acme', '--scopes', 'run, manage', '--expires', '1d'];
    const { out, err } = await cli(argv, { url: server.url });
    expect(out).toBe(`${KEY}\n`);
    expect(err).toContain('It is not shown again.');
    expect(server.requests[0]?.body).toEqual({
      name: 'ci',
      scopes: ['run', 'manage'],
      expires_at: '2026-11-22T12:03:00.000Z',
      organization: 'acme',
    });
    const listed = await cli(['keys', '--organization', 'acme'], { url: server.url });
    expect(server.requests[1]?.url).toBe('/api/v1/keys?organization=acme');
    expect(listed.out).toMatch(/k1 +ci +sk_live_Ab3d… +active +run,manage +- /);
  });

  it('revokes a key', async () => {
    const server = await stub((_request, response) => {
      response.writeHead(204).end();
      return null;
    });
    const { code, out } = await cli(['keys', 'revoke', 'k1', '--organization', 'acme'], { url: server.url });
    expect({ code, out }).toEqual({ code: 0, out: 'Revoked the key k1.\n' });
    expect(server.requests[0]).toMatchObject({ method: 'DELETE', url: '/api/v1/keys/k1?organization=acme' });
  });

  it('lists and makes organizations and sets their credits', async () => {
    const acme = { id: 'o1', slug: 'acme', name: 'Acme Inc.', created_at: '2026-11-21T12:00:00.000Z' };
    const credits = {
      available: 4990,
      reserved: 0,
      used_this_month: 10,
      monthly_limit: 5000,
      reset_date: '2026-12-01T00:00:00.000Z',
    };
    const server = await stub(({ method }) => {
      if (method === 'PUT') return ok(credits);
      return method === 'POST' ? { status: 201, body: acme } : ok({ organizations: [acme], total: 1 });
    });
    expect((await cli(['orgs'], { url: server.url })).out).toMatch(/acme {2}Acme Inc\./);
    await cli(['orgs', 'create', 'acme', '--name', 'Acme Inc.', '--credits', '5000'], { url: server.url });
    expect(server.requests[1]?.body).toEqual({ slug: 'acme', name: 'Acme Inc.', monthly_credits: 5000 });
    const set = await cli(['orgs', 'set-credits', 'acme', '5000'], { url: server.url });
    expect(server.requests[2]).toMatchObject({
      url: '/api/v1/organizations/acme/credits',
      body: { monthly_credits: 5000 },
    });
    expect(set.out).toMatch(/^Available +4990\nUsed this month +10\n/);
  });

  it('retries and reruns runs', async () => {
    const server = await stub(() => ok(stubRun()));
    const retried = await cli(['retry', STUB_RUN_ID], { url: server.url });
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: `/api/v1/runs/${STUB_RUN_ID}/retry`, body: {} });
    expect(retried.out).toBe(`Retrying ${STUB_RUN_ID} (Site Checkup).\n`);
    const rerun = await cli(
      ['rerun', STUB_RUN_ID, '--from-node', 'seo', '--same-version', '--idempotency-key', 'k', '--priority', '-3'],
      { url: server.url },
    );
    expect(server.requests[1]).toMatchObject({
      url: `/api/v1/runs/${STUB_RUN_ID}/rerun`,
      body: { from_node: 'seo', same_version: true, idempotency_key: 'k', priority: -3 },
    });
    expect(rerun.out).toBe(`${STUB_RUN_ID}\n`);
    await cli(['rerun', STUB_RUN_ID, '--input', '{"url":"u"}'], { url: server.url });
    expect(server.requests[2]?.body).toEqual({ input: { url: 'u' } });
  });

  it('sets the limits of an organization', async () => {
    const server = await stub(({ body }) => {
      const limits = (body as { limits: object | null }).limits ?? {};
      return ok({ id: 'o', slug: 'acme', name: 'Acme', created_at: '2026-11-21T12:00:00.000Z', limits, retention: {} });
    });
    const set = await cli(['orgs', 'set-limits', 'acme', '--runs', '5', '--nodes', 'none'], { url: server.url });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      url: '/api/v1/organizations/acme',
      body: { limits: { runs: 5, nodes: null } },
    });
    expect(set.out).toBe('acme: at the same time 5 runs, any number of nodes.\n');
    await cli(['orgs', 'set-limits', 'acme', '--default'], { url: server.url });
    expect(server.requests[1]?.body).toEqual({ limits: null });
  });

  it('sets how long the runs of an organization are kept', async () => {
    const server = await stub(({ body }) => {
      const retention = (body as { retention: object | null }).retention ?? {};
      return ok({ id: 'o', slug: 'acme', name: 'Acme', created_at: '2026-11-21T12:00:00.000Z', limits: {}, retention });
    });
    const set = (...argv: string[]) => cli(['orgs', 'set-retention', 'acme', ...argv], { url: server.url });
    expect((await set('--keep-for', '30d', '--keep', '100')).out).toBe(
      'acme: ended runs are kept for 30 d, 100 at most.\n',
    );
    expect(server.requests[0]?.body).toEqual({ retention: { all: { keep_for_seconds: 2_592_000, keep: 100 } } });
    await set('--status', 'failed', '--keep-for', 'forever');
    expect(server.requests[1]?.body).toEqual({ retention: { failed: { keep_for_seconds: null } } });
    await set('--status', 'failed', '--default');
    expect(server.requests[2]?.body).toEqual({ retention: { failed: null } });
    expect((await set('--default')).out).toBe("acme: runs are kept as the server's settings say.\n");
    expect(server.requests[3]?.body).toEqual({ retention: null });
  });

  it('sets the billing day of an organization', async () => {
    const server = await stub(({ body }) => {
      const shown = { id: 'o', slug: 'acme', name: 'Acme', created_at: '2026-11-21T12:00:00.000Z' };
      return ok({ ...shown, limits: {}, retention: {}, ...(body as object) });
    });
    const set = (...argv: string[]) => cli(['orgs', 'set-billing', 'acme', ...argv], { url: server.url });
    expect((await set('--day', '15')).out).toBe('acme: billing cycles begin on day 15 of the month.\n');
    expect(server.requests[0]?.body).toEqual({ billing_day: 15 });
    expect((await set('--default')).out).toBe("acme: billing cycles begin as the server's settings say.\n");
    expect(server.requests[1]?.body).toEqual({ billing_day: null });
  });

  it('shows the balance and its movements', async () => {
    const credits = {
      available: 975,
      reserved: 25,
      used_this_month: 0,
      monthly_limit: 1000,
      topped_up: 7,
      paid_by_top_ups: 0,
      reset_date: '2026-12-01T00:00:00.000Z',
    };
    const movement = {
      id: 'm1',
      run_id: STUB_RUN_ID,
      kind: 'reserve',
      reserved_delta: 25,
      used_delta: 0,
      topped_up_delta: 0,
      reason: null,
      idempotency_key: null,
      at: '2026-11-21T12:00:00.000Z',
    };
    const server = await stub(({ url }) => ok(url.includes('movements') ? { movements: [movement] } : credits));
    expect((await cli(['credits'], { url: server.url })).out).toMatch(/Available +975\n[\s\S]*Left of top-ups +7\n/);
    expect(JSON.parse((await cli(['credits', '--json'], { url: server.url })).out)).toEqual(credits);
    expect((await cli(['credits', '--movements'], { url: server.url })).out).toMatch(/reserve +\+25 +0 +0 +run_/);
    expect(server.requests.at(-1)?.url).toBe('/api/v1/credits/movements?limit=20');
  });
});
