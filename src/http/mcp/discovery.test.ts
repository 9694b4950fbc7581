import { discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/sdk/client/auth.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, post, startFixture, toolCall, type Fixture } from '../../../test/support/http/http-fixture.js';
import { bearerChallenge } from '../pipeline/bearer-challenge.js';

const BASE = 'https://errand.example/team/errand';
const WELL_KNOWN = '/.well-known/oauth-protected-resource';
let below: Fixture;
let direct: Fixture;

beforeAll(async () => {
  below = await startFixture({ publicUrl: BASE });
  direct = await startFixture();
});
afterAll(() => Promise.all([below.close(), direct.close()]));

async function metadataAt(url: string): Promise<object> {
  const response = await fetch(url);
  expect([url, response.status]).toEqual([url, 200]);
  return (await response.json()) as object;
}

async function challengeOf(url: string): Promise<string> {
  const response = await post(url, toolCall('list_workflows'), {});
  expect(response.status).toBe(401);
  return response.headers.get('www-authenticate') ?? '';
}

const PATHS = [
  '/mcp',
  '/mcp/',
  '/mcp/workflows',
  '/mcp/workflows/',
  '/api/mcp-app',
  '/api/mcp-app/',
  '/api/v1',
  '/api/v1/',
];

describe('protected-resource metadata', () => {
  it.each(PATHS)('is found between the host and the path of the public address: %j', async (path) => {
    const metadata = {
      resource: BASE + path,
      resource_name: expect.stringMatching(/^Errand/) as string,
      scopes_supported: ['read', 'run', 'approve', 'workflows:write', 'manage', 'operate'],
      bearer_methods_supported: ['header'],
    };
    // As a proxy passes it on that takes the path of the public address off, or one that leaves addresses as they are.
    expect(await metadataAt(below.url + WELL_KNOWN + path)).toEqual(metadata);
    expect(await metadataAt(`${below.url}${WELL_KNOWN}/team/errand${path}`)).toEqual(metadata);
  });

  it.each(PATHS)('names the address as it was typed: %j', async (path) => {
    expect(await metadataAt(direct.url + WELL_KNOWN + path)).toMatchObject({ resource: direct.url + path });
  });

  it.each(PATHS.slice(0, 6))('is named by who refuses a call without a key: %j', async (path) => {
    expect(await challengeOf(below.url + path)).toBe(
      `Bearer resource_metadata="https://errand.example${WELL_KNOWN}/team/errand${path}"`,
    );
    const named = /resource_metadata="([^"]+)"/.exec(await challengeOf(direct.url + path))?.[1] ?? '';
    expect(named).toBe(direct.url + WELL_KNOWN + path);
    expect(await metadataAt(named)).toMatchObject({ resource: direct.url + path });
  });
});

const WRONG = bearer(`sk_live_${'x'.repeat(32)}`);

describe('a wrong key', () => {
  it.each([...PATHS.slice(0, 6), '/mcp/key', '/mcp/key/'])(
    'is said to be wrong, in header and body: %j',
    async (path) => {
      const response = await post(direct.url + path, toolCall('list_workflows'), WRONG);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(
        /^Bearer .*error="invalid_token", error_description="A valid API key is needed\."$/,
      );
      expect(((await response.json()) as { error: { message: string } }).error.message).toBe(
        'A valid API key is needed.',
      );
    },
  );

  it('is described in what a header may hold', () => {
    const challenge = bearerChallenge({ base: BASE, path: '/mcp', problem: 'It is "x\\y"\r\nSet-Cookie: ü' });
    expect(challenge['www-authenticate']).toMatch(/error_description="It is 'x'y'\?\?Set-Cookie: \?"$/);
  });
});

describe('HEAD', () => {
  it('says where to sign in to who has no key, and that it is not possible to who has one', async () => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const headers = { accept };
      const asked = await fetch(`${direct.url}/mcp`, { method: 'HEAD', headers });
      expect([asked.status, await asked.text()]).toEqual([401, '']);
      expect(asked.headers.get('www-authenticate')).toContain(`resource_metadata="${direct.url}${WELL_KNOWN}/mcp"`);
      const known = { ...headers, ...bearer(KEY_A) };
      expect((await fetch(`${direct.url}/mcp`, { method: 'HEAD', headers: known })).status).toBe(405);
    }
  });
});

describe('the mount for keys only', () => {
  it.each(['/mcp/key', '/mcp/key/'])('says nothing of OAuth: %j', async (path) => {
    for (const { url } of [direct, below]) {
      expect(await challengeOf(url + path)).toBe('Bearer realm="API keys of Errand"');
      expect((await fetch(url + WELL_KNOWN + path)).status).toBe(404);
      const found = discoverOAuthProtectedResourceMetadata(url + path);
      await expect(found).rejects.toThrow('does not implement OAuth 2.0 Protected Resource Metadata');
    }
  });

  it('has the tools of the native contract', async () => {
    const lists = await Promise.all(
      ['/mcp', '/mcp/key'].map(async (path) => {
        const response = await post(direct.url + path, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
        return (await response.json()) as unknown;
      }),
    );
    expect(lists[1]).toEqual(lists[0]);
  });
});
