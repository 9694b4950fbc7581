import { describe, expect, it } from 'vitest';
import { STUB_ENDED_RUN, STUB_RUN_ID, stubNode, stubRun } from '../../../../test/support/http/rest-stub.js';
import { KEY, stub, cli, ok, setUp } from '../../../../test/support/server/cli-under-test.js';

setUp();

describe('errand run', () => {
  it('starts a run and prints its id alone in a pipe', async () => {
    const server = await stub(() => ({ status: 201, body: stubRun() }));
    const argv = ['run', 'site_checkup', '--input', '-', '--instruction', 'be kind', '--idempotency-key', 'k1'];
    const ran = await cli(argv, { url: server.url, stdin: '{"url": "https://example.com"}' });
    expect(ran).toEqual({ code: 0, out: `${STUB_RUN_ID}\n`, err: '' });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/api/v1/runs',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: {
        workflow_id: 'site_checkup',
        input: { url: 'https://example.com' },
        instruction: 'be kind',
        idempotency_key: 'k1',
      },
    });
  });

  it('prints exactly one JSON document with --json', async () => {
    const server = await stub(() => ({ status: 201, body: stubRun() }));
    const { out } = await cli(['run', 'site_checkup', '--json'], { url: server.url });
    expect(JSON.parse(out)).toEqual(stubRun());
  });

  it.each([
    ['completed', 0],
    ['failed', 3],
    ['cancelled', 4],
    ['partial_complete', 5],
  ] as const)('waits for the end and tells by its exit code that the run is %s', async (status, code) => {
    const server = await stub((request) =>
      request.method === 'POST'
        ? { status: 201, body: stubRun() }
        : ok({
            ...STUB_ENDED_RUN,
            status,
            error: status === 'failed' ? { node_id: 'seo', kind: 'error', message: 'no' } : null,
          }),
    );
    const ran = await cli(['run', 'site_checkup', '--wait', '60', '--json'], { url: server.url });
    expect(ran.code).toBe(code);
    expect(JSON.parse(ran.out)).toMatchObject({ status });
    expect(server.requests[1]?.url).toBe(`/api/v1/runs/${STUB_RUN_ID}?wait_seconds=25`);
  });

  it('ends with 6 when the run has not ended in time', async () => {
    const server = await stub(() => ok(stubRun({ status: 'running' })));
    const ran = await cli(['run', 'site_checkup', '--wait', '0'], { url: server.url });
    expect(ran.code).toBe(6);
    expect(ran.err).toContain(`errand watch ${STUB_RUN_ID}`);
  });
});

describe('errand status', () => {
  it('shows the run, its agents and what came of it', async () => {
    const nodes = [
      stubNode({
        id: 'links',
        role: 'l',
        label: 'Link Checker',
        status: 'completed',
        progress: 100,
        findings: 'Two dead links.',
      }),
      stubNode({
        id: 'seo',
        role: 's',
        label: 'SEO',
        status: 'failed',
        progress: 30,
        error: { kind: 'error', message: 'timed out' },
      }),
    ];
    const server = await stub(() => ok({ ...STUB_ENDED_RUN, status: 'partial_complete', nodes }));
    const { code, out } = await cli(['status', STUB_RUN_ID], { url: server.url, columns: 60 });
    expect(code).toBe(0);
    expect(out).toContain('partial_complete');
    expect(out).toContain('Link Checker: Two dead links.');
    expect(out).toContain('timed out');
  });

  it('prints the output alone with --output, and fails when there is none', async () => {
    let run = STUB_ENDED_RUN;
    const server = await stub(() => ok(run));
    expect(JSON.parse((await cli(['status', STUB_RUN_ID, '--output'], { url: server.url })).out)).toEqual({
      score: 87,
    });
    run = stubRun();
    const none = await cli(['status', STUB_RUN_ID, '--output'], { url: server.url });
    expect(none).toEqual({ code: 1, out: '', err: 'error: The run has no output: it is pending.\n' });
  });
});

describe('errand runs', () => {
  const page = { runs: [STUB_ENDED_RUN], total: 3, limit: 1, offset: 0, next_before: STUB_ENDED_RUN.run_id };

  it('lists runs in a table that fits the terminal', async () => {
    const server = await stub(() => ok(page));
    const { out, err } = await cli(['runs', '--status', 'completed', '--workflow', 'site_checkup', '--limit', '1'], {
      url: server.url,
      columns: 120,
      env: { NO_COLOR: '1' },
    });
    expect(server.requests[0]?.url).toBe('/api/v1/runs?status=completed&workflow_id=site_checkup&limit=1');
    const lines = out.trimEnd().split('\n');
    expect(lines[1]).toMatch(/^run_0190b0c2-\S+ +site_checkup +completed +3 min ago +7\.0 s +25 +All is well\.$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(err).toContain('1 to 1 of 3; the next: --offset 1');
  });

  it('goes on with the run before which the next page begins where an offset may not', async () => {
    const server = await stub(() => ok({ ...page, total: 20_000, offset: 10_000 }));
    const first = await cli(['runs', '--limit', '1', '--offset', '10000'], { url: server.url });
    expect(first.err).toContain(`10001 to 10001 of 20000; the next: --before ${STUB_ENDED_RUN.run_id}`);
    const next = await cli(['runs', '--limit', '1', '--before', STUB_ENDED_RUN.run_id], { url: server.url });
    expect(server.requests[1]?.url).toBe(`/api/v1/runs?limit=1&before=${STUB_ENDED_RUN.run_id}`);
    expect(next.err).toContain(`The next: --before ${STUB_ENDED_RUN.run_id}`);
  });

  it('prints whole times and nothing cut in a pipe', async () => {
    const server = await stub(() => ok(page));
    expect((await cli(['runs'], { url: server.url })).out).toContain('2026-11-21T12:00:00.000Z');
  });

  it('prints the page with --json', async () => {
    const server = await stub(() => ok(page));
    expect(JSON.parse((await cli(['runs', '--json'], { url: server.url })).out)).toEqual(page);
  });
});
