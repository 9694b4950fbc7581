import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  apiError,
  startRestStub,
  STUB_ENDED_RUN,
  STUB_EVENTS,
  STUB_RUN_ID,
  stubNode,
  stubRun,
  writeEvents,
} from '../../test/rest-stub.js';
import type { StubAnswer } from '../../test/rest-stub.js';
import { runCommand } from '../../test/run-command.js';
import type { CommandOptions } from '../../test/run-command.js';

const NOW = Date.parse('2026-11-21T12:03:00Z');
const KEY = 'sk_live_0123456789abcdefghijklmnopqrstuv';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function stub(answer: StubAnswer): ReturnType<typeof startRestStub> {
  const server = await startRestStub(answer);
  closers.push(() => server.close());
  return server;
}

/** Runs a command line against the server at `url`, at a fixed moment. */
function cli(
  argv: readonly string[],
  options: CommandOptions & { readonly url?: string } = {},
): ReturnType<typeof runCommand> {
  return runCommand(argv, {
    now: () => NOW,
    ...options,
    env: { ERRAND_URL: options.url, ERRAND_API_KEY: KEY, ...options.env },
  });
}

const ok = (body: object): { status: number; body: object } => ({ status: 200, body });

describe('errand', () => {
  it('prints its help when nothing is asked', async () => {
    const { code, out } = await cli([]);
    expect(code).toBe(0);
    expect(out).toContain('Usage: errand <command>');
    expect(out).toContain('Exit codes:');
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await cli(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each([
    ['serve'],
    ['demo'],
    ['run'],
    ['status'],
    ['watch'],
    ['runs'],
    ['cancel'],
    ['workflows', 'list'],
    ['workflows', 'show'],
    ['workflows', 'check'],
    ['models', 'list'],
    ['models', 'test'],
    ['models', 'set-key'],
    ['models', 'remove-key'],
    ['usage'],
    ['credits'],
    ['keys', 'list'],
    ['keys', 'create'],
    ['keys', 'revoke'],
    ['orgs', 'list'],
    ['orgs', 'create'],
    ['orgs', 'set-credits'],
    ['orgs', 'set-limits'],
    ['orgs', 'set-retention'],
  ])('has help with examples for %s %s', async (...words) => {
    const { code, out } = await cli([...words.filter((word) => word !== undefined), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:\n {2}\S/);
  });

  it('lists the commands of a group in its help', async () => {
    const { out } = await cli(['keys', '--help']);
    expect(out).toMatch(/list .*\n.*create .*\n.*revoke /);
  });

  it('suggests the nearest command', async () => {
    const top = await cli(['wach', 'x']);
    expect(top.code).toBe(2);
    expect(top.err).toContain("unknown command 'wach'\n(Did you mean watch?)");
    const inGroup = await cli(['keys', 'creat']);
    expect(inGroup.code).toBe(2);
    expect(inGroup.err).toContain("unknown command 'keys creat'. Did you mean create?");
  });

  it.each([
    [['run']],
    [['runs', '--status', 'done']],
    [['runs', '--limit', '101']],
    [['runs', '--nonsense']],
    [['status', 'nonsense']],
    [['run', 'a', '--input', '{']],
    [['run', 'a', '--watch', '--wait', '3']],
    [['keys', 'create', 'x', '--scopes', 'root']],
    [['keys', 'create', 'x', '--expires', 'soon']],
    [['keys', 'create', 'x', '--expires', '99999999999999w']],
    [['keys', 'create', 'x', '--expires', `${'9'.repeat(400)}d`]],
    [['keys', 'create', 'x', '--expires', '2027-02-30']],
    [['orgs', 'set-credits', 'acme', '1.5']],
    [['orgs', 'set-limits', 'acme']],
    [['orgs', 'set-retention', 'acme']],
    [['orgs', 'set-retention', 'acme', '--keep-for', 'long']],
    [['orgs', 'set-retention', 'acme', '--keep-for', '36501d']],
    [['orgs', 'set-retention', 'acme', '--keep-for', '99999999999999d']],
    [['orgs', 'set-retention', 'acme', '--keep', '9999999999']],
    [['orgs', 'set-retention', 'acme', '--keep', '1', '--default']],
    [['orgs', 'set-limits', 'acme', '--runs', '0']],
    [['orgs', 'set-limits', 'acme', '--runs', '3', '--default']],
    [['run', 'a', '--priority', 'urgent']],
    [['runs', '--url', 'localhost:8787']],
    [['workflows', 'check', '/no/such/folder']],
    [['serve', '--port', 'x']],
  ])('ends with 2 and asks no server when the usage is wrong: %j', async (argv) => {
    const server = await stub(() => ok({}));
    const text = await cli(argv, { url: server.url });
    expect(text.code).toBe(2);
    expect(text.out).toBe('');
    expect(text.err).toMatch(/^error: /);
    const json = await cli([...argv, '--json'], { url: server.url });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'usage' } });
    expect(server.requests).toEqual([]);
  });

  it('says what to do when no server answers', async () => {
    const server = await stub(() => ok({}));
    await server.close();
    const { code, err } = await cli(['runs'], { url: server.url });
    expect(code).toBe(1);
    expect(err).toBe(
      `error: No Errand server answers at ${server.url} (connection refused). Start one with \`npm start\`, or set ERRAND_URL.\n`,
    );
  });

  it('says what to set when the key is missing or refused, and never shows the key', async () => {
    const server = await stub(() => ({ status: 401, body: apiError('unauthenticated', 'The key was revoked.') }));
    const missing = await cli(['runs'], { url: server.url, env: { ERRAND_API_KEY: '' } });
    expect(missing.err).toMatch(/No API key is set.*Set ERRAND_API_KEY/);
    const refused = await cli(['runs'], { url: server.url });
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/does not accept the API key sk_live_0123….*revoked.*Set ERRAND_API_KEY/);
    expect(refused.err).not.toContain(KEY);
  });

  it("shows a server's error with its problems", async () => {
    const server = await stub(() => ({
      status: 400,
      body: {
        error: {
          code: 'invalid_input',
          message: 'The input does not fit.',
          problems: [{ path: '/url', message: 'must be a URI\u001B[2J' }],
        },
      },
    }));
    const text = await cli(['run', 'site_checkup'], { url: server.url });
    expect(text).toEqual({ code: 1, out: '', err: 'error: The input does not fit.\n  /url: must be a URI [2J\n' });
    const json = await cli(['run', 'site_checkup', '--json'], { url: server.url });
    expect(JSON.parse(json.err)).toMatchObject({
      error: { code: 'invalid_input', problems: [{ path: '/url' }] },
    });
  });

  it('says so when what answers is no Errand server', async () => {
    const server = await stub((_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
      return null;
    });
    expect((await cli(['runs'], { url: server.url })).err).toMatch(
      /does not speak as an Errand server does.*ERRAND_URL/,
    );
  });

  it('takes --url and --api-key over the environment, and a path in the URL', async () => {
    const server = await stub(() => ok({ workflows: [] }));
    const argv = ['workflows', '--url', `${server.url}/errand/`, '--api-key', 'sk_live_other'];
    expect((await cli(argv, { url: 'http://127.0.0.1:1' })).code).toBe(0);
    expect(server.requests[0]).toMatchObject({
      url: '/errand/api/v1/workflows',
      headers: { authorization: 'Bearer sk_live_other' },
    });
  });
});

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

describe('errand watch', () => {
  const whole: StubAnswer = ({ url }, response) => {
    if (!url.includes('/events')) return ok(STUB_ENDED_RUN);
    writeEvents(response, STUB_EVENTS);
    response.end();
    return null;
  };

  it('prints a plain line for each change in a pipe', async () => {
    const server = await stub(whole);
    const { code, out } = await cli(['watch', 'agent_run_0190b0c27f3a7abc8def0123456789ab'], { url: server.url });
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 5)).toEqual([
      '2026-11-21T12:00:01.000Z  run: pending',
      '2026-11-21T12:00:02.000Z  run: running',
      '2026-11-21T12:00:03.000Z  Link Checker: running',
      '2026-11-21T12:00:04.000Z  Link Checker: 40% page 2 of 5',
      '2026-11-21T12:00:05.000Z  Link Checker: findings: Two dead links.',
    ]);
    expect(out).toMatch(/run: completed: All is well\.\n$/);
    expect(out).not.toContain('\u001B');
  });

  it('prints one JSON event a line with --json, and nothing else', async () => {
    const server = await stub(whole);
    const { out, err } = await cli(['watch', STUB_RUN_ID, '--json'], { url: server.url });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(STUB_EVENTS);
    expect(err).toBe('');
  });

  it('goes on where it was after cut connections, and loses or repeats nothing', async () => {
    let connections = 0;
    const server = await stub(({ url, headers }, response) => {
      if (!url.includes('/events')) return ok(connections > 2 ? STUB_ENDED_RUN : stubRun({ status: 'running' }));
      connections += 1;
      if (connections === 2) return { status: 503, body: apiError('unavailable', 'Shutting down.') };
      const from = Number(headers['last-event-id'] ?? 0);
      // One event again, as a server may that went back to its last commit.
      writeEvents(response, STUB_EVENTS.slice(Math.max(0, from - 1), connections === 1 ? 4 : undefined));
      if (connections === 1) setImmediate(() => response.destroy());
      else response.end();
      return null;
    });
    const { code, out, err } = await cli(['watch', STUB_RUN_ID, '--json'], { url: server.url });
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(server.requests.filter(({ url }) => url.includes('/events')).at(-1)).toMatchObject({
      url: `/api/v1/runs/${STUB_RUN_ID}/events?after=4`,
      headers: { 'last-event-id': '4' },
    });
    expect(err).toBe('');
  });

  it('survives a restart of the server in the middle of a run', async () => {
    const first = await startRestStub(({ url }, response) => {
      if (!url.includes('/events')) return ok(stubRun({ status: 'running' }));
      writeEvents(response, STUB_EVENTS.slice(0, 4));
      return null;
    });
    const watching = cli(['watch', STUB_RUN_ID], { url: first.url });
    await expect.poll(() => first.requests.length).toBe(2);
    await first.close();
    const second = await startRestStub(({ url }, response) => {
      if (!url.includes('/events')) return ok(STUB_ENDED_RUN);
      writeEvents(response, STUB_EVENTS.slice(4));
      response.end();
      return null;
    }, first.port);
    closers.push(() => second.close());
    const { code, out, err } = await watching;
    expect(code).toBe(0);
    expect(out.match(/\n/g)).toHaveLength(9);
    expect(err).toContain('The connection to the server was cut; trying again.');
  });

  it('gives up at once when the run is not there', async () => {
    const server = await stub(() => ({ status: 404, body: apiError('not_found', 'No such run.') }));
    expect(await cli(['watch', STUB_RUN_ID], { url: server.url })).toEqual({
      code: 1,
      out: '',
      err: 'error: No such run.\n',
    });
  });

  it('leaves the run running on Ctrl-C, gives the cursor back and says how to watch again', async () => {
    const server = await stub(({ url }, response) => {
      if (!url.includes('/events')) return ok(stubRun({ status: 'running' }));
      writeEvents(response, STUB_EVENTS.slice(0, 4));
      return null;
    });
    let interrupt: ((signal: NodeJS.Signals) => void) | undefined;
    const watching = cli(['watch', STUB_RUN_ID], {
      url: server.url,
      columns: 80,
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    });
    await expect.poll(() => server.requests.length).toBe(2);
    interrupt?.('SIGINT');
    const { code, out, err } = await watching;
    expect(code).toBe(130);
    expect(err).toBe(`Stopped watching; the run goes on. Watch it again: errand watch ${STUB_RUN_ID}\n`);
    expect(out.indexOf('\u001B[?25l')).toBe(0);
    expect(out.endsWith('\u001B[?25h')).toBe(true);
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('draws the run in place on a terminal and ends with what came of it', async () => {
    let ended = false;
    const server = await stub(({ url }, response) => {
      if (!url.includes('/events')) return ok(ended ? STUB_ENDED_RUN : stubRun({ status: 'running' }));
      ended = true;
      writeEvents(response, STUB_EVENTS.slice(1));
      response.end();
      return null;
    });
    const { code, out } = await cli(['watch', STUB_RUN_ID], { url: server.url, columns: 80, env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(out).toContain('\u001B[J');
    expect(out).not.toContain('\u001B[3');
    const last = out.slice(out.lastIndexOf('\u001B[J') + 3);
    expect(last).toContain('Site Checkup · completed · 7.0 s');
    expect(last).toContain('All is well.');
    expect(last).toContain('"score": 87');
    expect(last).toContain('Credits: 25 of 25 reserved were used.');
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
  const page = { runs: [STUB_ENDED_RUN], total: 3, limit: 1, offset: 0 };

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

  it('shows the balance and its movements', async () => {
    const credits = {
      available: 975,
      reserved: 25,
      used_this_month: 0,
      monthly_limit: 1000,
      reset_date: '2026-12-01T00:00:00.000Z',
    };
    const movement = {
      id: 'm1',
      run_id: STUB_RUN_ID,
      kind: 'reserve',
      reserved_delta: 25,
      used_delta: 0,
      at: '2026-11-21T12:00:00.000Z',
    };
    const server = await stub(({ url }) => ok(url.includes('movements') ? { movements: [movement] } : credits));
    expect((await cli(['credits'], { url: server.url })).out).toMatch(/Available +975\n/);
    expect(JSON.parse((await cli(['credits', '--json'], { url: server.url })).out)).toEqual(credits);
    expect((await cli(['credits', '--movements'], { url: server.url })).out).toMatch(/reserve +\+25 +0 +run_/);
    expect(server.requests.at(-1)?.url).toBe('/api/v1/credits/movements?limit=20');
  });
});
