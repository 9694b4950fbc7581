import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/server/run-command.js';
import { KEY, repository, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

const CLIENT_SECRET = 'client-canary-Qw7+z/9x';
const FIRST_REFRESH = 'refresh-canary-0-Lm4Np';
const tokenOf = (grant: string, count: number): string => `token-canary-${grant}-${count}-Rt5Yu`;

let folder: string;
let server: ServerProcess;
let service: Server;
let address: string;
/** The forms that the token endpoint got, and how the client proved itself. */
const asked: { form: { [name: string]: string }; authorization: string | undefined }[] = [];
const bearers: string[] = [];
const answers: string[] = [];

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The credentials by which whoever asks got their token. */
function behind({ headers: { authorization = '' } }: IncomingMessage): string[] {
  if (authorization.includes('client')) return [CLIENT_SECRET];
  if (!authorization.includes('refresh')) return [];
  const count = Number(authorization.split('-')[3]);
  return [count - 1, count].map((spent) => FIRST_REFRESH.replace('0', `${spent}`));
}

/** Gives a token for each grant, whose refresh tokens are good once, and tells those who use one what it was. */
function startService(): Server {
  return createServer((request, response) => {
    void (async () => {
      const body = await readBody(request);
      response.setHeader('content-type', 'application/json');
      if (request.url !== '/token') {
        bearers.push(String(request.headers.authorization));
        response.end(JSON.stringify({ you: request.headers.authorization, behind: behind(request) }));
        return;
      }
      const form = Object.fromEntries(new URLSearchParams(body));
      asked.push({ form, authorization: request.headers.authorization });
      const grant = form['grant_type'] === 'refresh_token' ? 'refresh' : 'client';
      const count = asked.filter((one) => one.form['grant_type'] === form['grant_type']).length;
      const isSpent = grant === 'refresh' && form['refresh_token'] !== FIRST_REFRESH.replace('0', `${count - 1}`);
      if (isSpent) response.writeHead(400).end('{"error":"invalid_grant"}');
      else
        response.end(
          JSON.stringify({
            access_token: tokenOf(grant, count),
            expires_in: 3_600,
            ...(grant === 'refresh' ? { refresh_token: FIRST_REFRESH.replace('0', `${count}`) } : {}),
          }),
        );
    })();
  });
}

const flow = (id: string, secret: string, before = ''): string =>
  `id: ${id}\nname: ${id}\ndescription: Uses it.\nsecrets: [${secret}]\nnodes:\n${before}` +
  `  - { id: use, kind: http, ${before === '' ? '' : 'needs: [gate], '}with: { url: '${address}/', headers: { authorization: 'Bearer {{ secrets.${secret} }}' } } }\n`;
const GATE = "  - { id: gate, kind: ask, question: 'Go on?', answer: { type: boolean } }\n";

function start(): Promise<ServerProcess> {
  const env = { ERRAND_OUTBOUND_ALLOW: '127.0.0.1', ERRAND_LOG_LEVEL: 'debug' };
  return ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-renewed-'));
  service = startService();
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  mkdirSync(join(folder, 'workflows'));
  const page = readFileSync(join(repository, 'docs', 'secrets.md'), 'utf8');
  const shown = /```json\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
  writeFileSync(
    join(folder, 'crm.json'),
    shown
      .replace('https://id.example.com/token', `${address}/token`)
      .replace('the secret of the client', CLIENT_SECRET),
  );
  const write = (name: string, text: string): void => writeFileSync(join(folder, 'workflows', `${name}.yaml`), text);
  write('by_client', flow('by_client', 'crm'));
  write('by_refresh', flow('by_refresh', 'mail'));
  write('waits', flow('waits', 'plain', GATE));
  write('at_once', flow('at_once', 'plain'));
  server = await start();
}, 30_000);
afterAll(async () => {
  await server.end('SIGKILL');
  service.closeAllConnections();
  service.close();
  rmSync(folder, { recursive: true, force: true });
});

const errand = (args: string[], stdin: string) =>
  runCommand(args, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: KEY }, stdin });

async function run(workflowId: string): Promise<void> {
  const ended = await waitForEnd(server, await startRun(server, workflowId));
  answers.push(JSON.stringify(ended), JSON.stringify((await server.api(`/runs/${ended.run_id}/events`)).body));
  expect(ended).toMatchObject({
    status: 'completed',
    output: { body: { you: expect.stringContaining('[secret') as string } },
  });
}

describe('a secret that renews itself', () => {
  it('is set as docs/secrets.md shows, and gives a token that is asked for once', async () => {
    const shown = readFileSync(join(folder, 'crm.json'), 'utf8');
    const set = await errand(['secrets', 'set', 'crm', '--kind', 'oauth2_client_credentials'], shown);
    expect(set).toMatchObject({ code: 0, out: 'Set the secret crm.\n' });
    for (let n = 0; n < 3; n += 1) await run('by_client');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.form).toEqual({ grant_type: 'client_credentials', scope: 'contacts.read' });
    expect(asked[0]?.authorization).toBe(
      `Basic ${Buffer.from(`errand:${encodeURIComponent(CLIENT_SECRET)}`).toString('base64')}`,
    );
    expect(bearers).toEqual(Array(3).fill(`Bearer ${tokenOf('client', 1)}`));
  });

  it(
    'keeps the refresh token that came in place of the one that was used, over a restart',
    { timeout: 30_000 },
    async () => {
      const credentials = { token_url: `${address}/token`, client_id: 'errand', refresh_token: FIRST_REFRESH };
      const body = { value: JSON.stringify(credentials), kind: 'oauth2_refresh_token' };
      expect((await server.api('/secrets/mail', { method: 'PUT', body })).body).toMatchObject({
        kind: 'oauth2_refresh_token',
      });
      await run('by_refresh');
      await server.end('SIGTERM');
      expectNoCanary(server.output, 'log');
      server = await start();
      await run('by_refresh');
      expect(bearers.slice(-2)).toEqual([1, 2].map((count) => `Bearer ${tokenOf('refresh', count)}`));
      expect(asked.slice(-2).map(({ form }) => form['refresh_token'])).toEqual([
        FIRST_REFRESH,
        FIRST_REFRESH.replace('0', '1'),
      ]);
    },
  );

  it.each([
    ['oauth2_client_credentials', '{"token_url":"https://id.example.com","client_id":"x"}', '/value/client_secret'],
    ['oauth2_refresh_token', '{"token_url":"ftp://id.example.com","client_id":"x"}', '/value/token_url'],
    ['oauth2_client_credentials', 'not JSON at all', '/value'],
    ['oauth3', 'long enough', '/kind'],
  ])('is refused as %s with %s', async (kind, value, path) => {
    const { status, body } = await server.api('/secrets/other', { method: 'PUT', body: { kind, value } });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(path);
  });
});

describe('a secret that is replaced', () => {
  it('stays as it was for runs under way where that is asked for, and for no others', { timeout: 30_000 }, async () => {
    const set = (value: string, keep_old: boolean) =>
      server.api('/secrets/plain', { method: 'PUT', body: { value, keep_old } });
    const answer = async (runId: string): Promise<void> => {
      await server.api(`/runs/${runId}?wait_seconds=1`);
      await server.api(`/runs/${runId}/nodes/gate/answer`, { method: 'POST', body: { answer: true } });
      await waitForEnd(server, runId);
    };
    await set('the first value', false);
    const [first, other] = [await startRun(server, 'waits'), await startRun(server, 'waits')];
    expect((await set('the second value', true)).body).toMatchObject({ earlier_values: 1 });
    await answer(first);
    await run('at_once');
    expect(bearers.slice(-2)).toEqual(['Bearer the first value', 'Bearer the second value']);
    expect((await set('the third value', false)).body).toMatchObject({ earlier_values: 0 });
    await answer(other);
    expect(bearers.at(-1)).toBe('Bearer the third value');
  });
});

function expectNoCanary(text: string, where: string): void {
  expect([where, text.match(/(?:client|refresh|token)-canary-.{4}/)?.[0]]).toEqual([where, undefined]);
}

describe('what stands behind a secret that renews itself', () => {
  it('stands in no answer, log, file or backup', { timeout: 30_000 }, async () => {
    answers.push(JSON.stringify((await server.api('/secrets')).body));
    for (const text of answers) expectNoCanary(text, 'answer');
    const backup = join(folder, 'backup.db');
    expect((await runCommand(['backup', backup, '--data', join(folder, 'data')])).code).toBe(0);
    await server.end('SIGTERM');
    expectNoCanary(server.output, 'log');
    const files = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, 'data', name))
      .concat(backup)
      .filter((file) => statSync(file).isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expectNoCanary(readFileSync(file, 'latin1'), file);
  });
});
