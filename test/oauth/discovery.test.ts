import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config/config.js';
import { startServer } from '../../src/app/server.js';
import type { RunningServer } from '../../src/app/running-server.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { Person } from '../support/oauth/person.js';
import { PlainClient } from '../support/oauth/plain-client.js';

const BASE = 'https://errand.example/team/errand';
const PATHS = ['/mcp', '/mcp/', '/mcp/workflows', '/api/mcp-app', '/api/v1'];

let direct: NativeStack;
let below: NativeStack;
beforeAll(async () => {
  const fetchDocument = (): Promise<string> => Promise.reject(new Error('no network'));
  direct = await startNativeStack(undefined, { fetchDocument });
  below = await startNativeStack(undefined, { fetchDocument, publicUrl: BASE });
});
afterAll(() => Promise.all([direct.close(), below.close()]));

async function json(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url);
  expect([url, response.status]).toEqual([url, 200]);
  return (await response.json()) as Record<string, unknown>;
}

describe('discovery', () => {
  it.each(PATHS)('leads from a 401 to the authorization server: %s', async (path) => {
    const { origin } = direct.url;
    const refused = await fetch(origin + path, {
      method: path === '/api/v1' ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(path === '/api/v1' ? {} : { body: JSON.stringify(callTool) }),
    });
    // The REST API has nothing at its own path.
    const challenge = path === '/api/v1' ? null : (refused.headers.get('www-authenticate') ?? '');
    const named = /resource_metadata="([^"]+)"/.exec(challenge ?? '')?.[1];
    const expected = `${origin}/.well-known/oauth-protected-resource${path}`;
    expect(named ?? expected).toBe(expected);
    expect(challenge ?? 'scope="read run"').toContain('scope="read run"');
    expect(await json(expected)).toMatchObject({
      resource: origin + path,
      authorization_servers: [origin],
      scopes_supported: ['read', 'run'],
    });
  });

  const callTool = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_workflows', arguments: {} } };

  it('finds the metadata of the server in each place that clients look', async () => {
    const { origin } = direct.url;
    const metadata = await json(`${origin}/.well-known/oauth-authorization-server`);
    expect(metadata).toMatchObject({
      issuer: origin,
      authorization_endpoint: `${origin}/oauth/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      registration_endpoint: `${origin}/oauth/register`,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt', 'client_secret_basic', 'client_secret_post'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
    expect(await json(`${origin}/.well-known/openid-configuration`)).toEqual(metadata);
  });

  it('finds them below a public address with a path, whether the proxy takes the path off or not', async () => {
    const { origin } = below.url;
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      for (const path of [
        `/.well-known/${name}`,
        `/.well-known/${name}/team/errand`,
        `/team/errand/.well-known/${name}`,
      ]) {
        expect(await json(origin + path)).toMatchObject({ issuer: BASE, token_endpoint: `${BASE}/oauth/token` });
      }
    }
    expect(await json(`${origin}/.well-known/oauth-protected-resource/team/errand/mcp/`)).toMatchObject({
      resource: `${BASE}/mcp/`,
      authorization_servers: [BASE],
    });
  });

  it('is not offered at the address for keys', async () => {
    const { origin } = direct.url;
    expect((await fetch(`${origin}/.well-known/oauth-protected-resource/mcp/key`)).status).toBe(404);
    const refused = await fetch(`${origin}/mcp/key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(callTool),
    });
    expect(refused.headers.get('www-authenticate')).not.toMatch(/resource_metadata|scope/);
  });
});

describe('errand serve', () => {
  const KEY = 'sk_live_0123456789abcdefghijklmnopqrstuv';
  let folder = '';
  const servers: RunningServer[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'errand-oauth-'));
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(settings: Parameters<typeof startServer>[0]): Promise<RunningServer> {
    const places = { dataDir: join(folder, String(servers.length)), workflowsDir: folder };
    const server = await startServer({ port: 0, bootstrapKey: KEY, ...places, ...settings });
    servers.push(server);
    return server;
  }

  it('lets people sign in on loopback without any setting, and goes on after a restart', async () => {
    const first = await start({});
    const client = await PlainClient.registered(first.url, 'http://127.0.0.1/callback');
    const tokens = await client.signIn(new Person(KEY));
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(200);
    await first.close();
    const { port } = new URL(first.url);
    const again = await start({ dataDir: join(folder, '0'), port: Number(port) });
    expect(again.url).toBe(first.url);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(200);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('knows the clients that its settings name, at their own redirect URIs alone', async () => {
    const { oauthClients } = loadConfig({
      env: { ERRAND_OAUTH_CLIENTS: 'copilot=https://host.example/a https://host.example/b, n8n=https://n8n.example/c' },
    });
    const { url } = await start({ oauthClients });
    const person = new Person(KEY);
    for (const [id, redirectUri, status] of [
      ['copilot', 'https://host.example/b', 200],
      ['n8n', 'https://n8n.example/c', 200],
      ['n8n', 'https://host.example/a', 400],
      ['other', 'https://host.example/a', 400],
    ] as const) {
      const client = new PlainClient(url, redirectUri);
      client.id = id;
      expect([id, redirectUri, (await person.open(client.authorizationUrl())).status]).toEqual([
        id,
        redirectUri,
        status,
      ]);
    }
    const client = new PlainClient(url, 'https://host.example/a');
    client.id = 'copilot';
    const tokens = await client.signIn(person);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(200);
    for (const wrong of [
      'copilot',
      'copilot=',
      '=https://host.example/a',
      'copilot=javascript:x',
      'a b=https://x.example/',
    ]) {
      expect(() => loadConfig({ env: { ERRAND_OAUTH_CLIENTS: wrong } })).toThrow(/^ERRAND_OAUTH_CLIENTS must be/);
    }
  });

  it('takes keys alone where signing in is off', async () => {
    const { url } = await start({ oauth: 'off' });
    for (const path of ['/.well-known/oauth-authorization-server', '/oauth/authorize', '/oauth/token']) {
      expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
    }
    const metadata = await json(`${url}/.well-known/oauth-protected-resource/mcp`);
    expect(metadata).not.toHaveProperty('authorization_servers');
  });
});
