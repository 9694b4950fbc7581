import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiError } from '../../test/support/http/rest-stub.js';
import { KEY, stub, cli, ok, setUp } from '../../test/support/server/cli-under-test.js';

setUp();

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
    ['grants', 'list'],
    ['grants', 'revoke'],
    ['orgs', 'list'],
    ['orgs', 'create'],
    ['orgs', 'set-credits'],
    ['orgs', 'set-limits'],
    ['orgs', 'set-retention'],
    ['orgs', 'set-billing'],
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
    [['orgs', 'set-billing', 'acme']],
    [['orgs', 'set-billing', 'acme', '--day', '32']],
    [['orgs', 'set-billing', 'acme', '--day', '3', '--default']],
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
