import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../../../test/support/http/native-stack.js';
import { examineOAuth } from './examine-oauth.js';
import type { Finding } from '../../app/doctor/finding.js';

let stack: NativeStack;
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no internet here')) });
});
afterAll(() => stack.close());

const proxies: Server[] = [];
afterEach(async () => {
  for (const proxy of proxies.splice(0)) {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  }
});

/** What a proxy does with a request besides passing it on. */
interface Rules {
  /** True when it has answered itself. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly path?: (path: string) => string;
  readonly target?: () => URL;
  readonly drops?: readonly string[];
}

const OF_THE_CONNECTION = ['host', 'connection', 'transfer-encoding', 'content-length'];
let callers = 0;

/** A proxy in front of the server, as deployed ones are; gives its address of `/mcp`. */
async function behind(rules: Rules): Promise<string> {
  // Each proxy speaks for somebody else, so that nobody has registered too often.
  const caller = `198.51.100.${(callers += 1)}`;
  const proxy = createServer((request, response) => {
    if (rules.answer?.(request, response) === true) return;
    void pass({ request, response, rules, caller });
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`;
}

async function pass(params: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly rules: Rules;
  readonly caller: string;
}): Promise<void> {
  const { request, response, rules, caller } = params;
  const target = rules.target?.() ?? stack.url;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/' } = request;
  const sent = Object.entries(request.headers).filter(([name]) => !OF_THE_CONNECTION.includes(name));
  const answer = await fetch(new URL(rules.path?.(url) ?? url, target), {
    method,
    headers: { ...(Object.fromEntries(sent) as Record<string, string>), 'x-forwarded-for': caller },
    redirect: 'manual',
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  for (const [name, value] of answer.headers) if (!rules.drops?.includes(name)) response.setHeader(name, value);
  response.removeHeader('content-length');
  response.writeHead(answer.status).end(await answer.text());
}

const wrong = (findings: readonly Finding[]) => findings.filter(({ kind }) => kind !== 'ok');

function refuse(path: RegExp, status: number, text = 'no') {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (!path.test(request.url ?? '')) return false;
    response.writeHead(status, { 'content-type': 'text/html' }).end(text);
    return true;
  };
}

describe('the examination of an address', () => {
  it('finds nothing wrong with a server that is as it should be', async () => {
    const findings = await examineOAuth(fetch, stack.url.href);
    expect(wrong(findings)).toEqual([]);
    const hosts = findings.filter(({ message }) => message.startsWith('gets to the page')).map(({ name }) => name);
    for (const host of [
      'Claude.ai',
      'ChatGPT',
      'Cursor',
      'VS Code',
      'Goose',
      'OpenCode',
      'Zed',
      'LibreChat',
      'Gemini',
    ]) {
      expect(hosts.some((name) => name.startsWith(host))).toBe(true);
    }
  });

  it('finds nothing wrong with one behind a proxy whose public address has a path', async () => {
    let target = stack.url;
    const address = await behind({ path: (path) => path.replace(/^\/team/, ''), target: () => target });
    const publicUrl = address.replace(/\/mcp$/, '/team');
    const below = await startNativeStack(undefined, {
      fetchDocument: () => Promise.reject(new Error('no')),
      publicUrl,
    });
    target = below.url;
    expect(wrong(await examineOAuth(fetch, `${publicUrl}/mcp`))).toEqual([]);
    await below.close();
  });

  it.each<[string, Rules, RegExp]>([
    ['does not know its public address', {}, /^The 401 leads to http:.* Set ERRAND_PUBLIC_URL/],
    ['loses the challenge', { drops: ['www-authenticate'] }, /no WWW-Authenticate header\. Have the proxy pass/],
    ['redirects', { answer: redirect }, /^It redirects to https:.* give them the final address/],
    ['wants a password', { answer: askForPassword }, /^A proxy asks for a password of its own/],
    ['shows a page', { answer: refuse(/mcp/, 200, '<h1>Sign in</h1>') }, /^It answers 200 .*: Sign in\./],
    ['serves nothing there', { answer: refuse(/mcp/, 404) }, /^Nothing is served there/],
    ['refuses POST', { answer: refuse(/mcp/, 405) }, /^POST is not allowed there/],
    ['cannot reach it', { answer: refuse(/mcp/, 502) }, /^It answers 502: no\. The proxy may not reach/],
  ])('says what to mend of a proxy that %s', async (_, rules, said) => {
    const findings = wrong(await examineOAuth(fetch, await behind(rules)));
    expect(findings.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(said)]) as unknown,
    );
    expect(findings[0]?.kind).toBe('fault');
  });

  it.each<[string, Rules, string, RegExp]>([
    [
      'the metadata',
      { answer: refuse(/oauth-protected/, 404) },
      'fault',
      /has no metadata \(404: no\)\. Have the proxy/,
    ],
    ['the server’s metadata', { answer: refuse(/authorization-server|openid/, 404) }, 'fault', /^It has no metadata/],
    ['some of it', { answer: refuse(/openid/, 404) }, 'warning', /look in vain at .*openid-configuration/],
    ['registrations', { answer: refuse(/oauth\/register/, 405) }, 'fault', /registration is refused \(405: no\)/],
    ['tokens', { answer: refuse(/oauth\/token/, 200, '<p>Home</p>') }, 'fault', /as a token endpoint \(200: Home\)/],
    [
      'the page to sign in on',
      { answer: refuse(/oauth\/authorize/, 403) },
      'fault',
      /page to sign in on answers 403: no/,
    ],
    [
      'what shields the page',
      { drops: ['x-frame-options', 'content-security-policy'] },
      'warning',
      /inside other pages/,
    ],
    ['CORS', { drops: ['access-control-allow-origin'] }, 'warning', /Web pages may not read/],
  ])('says when a proxy does not pass on %s', async (_, rules, kind, said) => {
    let target = stack.url;
    const address = await behind({ ...rules, target: () => target });
    const publicUrl = address.replace(/\/mcp$/, '');
    const own = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no')), publicUrl });
    target = own.url;
    const findings = wrong(await examineOAuth(fetch, address));
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind, message: expect.stringMatching(said) as string }),
      ]) as unknown,
    );
    await own.close();
  });

  it('says that an address is for keys alone, and that one cannot be reached', async () => {
    const [keys] = wrong(await examineOAuth(fetch, `${stack.url.href}/key`));
    expect(keys?.message).toContain('hosts need /mcp instead of /mcp/key');
    const [nobody] = wrong(await examineOAuth(fetch, 'http://127.0.0.1:9/mcp'));
    expect(nobody?.message).toMatch(/^It cannot be reached \(/);
  });
});

function redirect({ url }: IncomingMessage, response: ServerResponse): boolean {
  response.writeHead(301, { location: `https://elsewhere.example${url}` }).end();
  return true;
}

function askForPassword(_: IncomingMessage, response: ServerResponse): boolean {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="Staff"' }).end();
  return true;
}
