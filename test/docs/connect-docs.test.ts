import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { isJsonObject, type Json } from '../../src/core/json.js';
import { KEY_A, startFixture, type Fixture } from '../support/http/http-fixture.js';
import { repository } from '../support/server/server-process.js';

const PAGE = readFileSync(join(repository, 'docs', 'connect.md'), 'utf8');
const BASE = 'http://127.0.0.1:8787';
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'host', version: '1' } },
};

interface Snippet {
  readonly host: string;
  readonly language: string;
  readonly text: string;
}

/** How a host is told to reach the server. */
type Way =
  | { readonly kind: 'http'; readonly url: string; readonly authorization: string }
  | { readonly kind: 'sign in'; readonly url: string }
  | { readonly kind: 'command'; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

const SNIPPETS: readonly Snippet[] = PAGE.split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const host = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
      host,
      language,
      text,
    }));
  });

/** As the host reads it whose variable is set, or whose user has put the key in. */
function fillIn(text: string): string {
  const key = /\$\{ERRAND_API_KEY\}|\$\{env:ERRAND_API_KEY\}|\{env:ERRAND_API_KEY\}|\$ERRAND_API_KEY|sk_live_…/g;
  return text
    .replaceAll('${process.env.ERRAND_API_KEY}', KEY_A)
    .replaceAll('${input:errand-key}', KEY_A)
    .replaceAll(key, KEY_A);
}

function waysIn({ language, text }: Snippet): readonly Way[] {
  const filled = fillIn(text);
  if (language === 'json') return waysOf(JSON.parse(filled) as Json);
  if (language === 'text') return [{ kind: 'sign in', url: text.trim() }];
  if (language === 'yaml') return waysOf(parseYaml(filled) as Json);
  const url = /https?:\/\/[^\s'"]+/.exec(filled)?.[0] ?? '';
  if (language === 'toml') {
    const isWhole = /^\[mcp_servers\.errand\]\nurl = "\S+"\nbearer_token_env_var = "ERRAND_API_KEY"\n$/.test(text);
    return isWhole ? [{ kind: 'http', url, authorization: `Bearer ${KEY_A}` }] : [];
  }
  return [{ kind: 'http', url, authorization: /Authorization: [`"]?(Bearer \w+)/.exec(filled)?.[1] ?? '' }];
}

/** Every server that a settings file names, wherever it stands in it. */
function waysOf(settings: Json): readonly Way[] {
  if (Array.isArray(settings)) return settings.flatMap(waysOf);
  if (!isJsonObject(settings)) return [];
  const { command, args, env } = settings;
  if (command === 'npx') return [commandOf(args as string[], env as Record<string, string>)];
  const url = settings['url'] ?? settings['uri'] ?? settings['serverUrl'];
  if (typeof url !== 'string') return Object.values(settings).flatMap(waysOf);
  return [{ kind: 'http', url, authorization: (settings['headers'] as { Authorization: string }).Authorization }];
}

function commandOf(args: readonly string[], env: Readonly<Record<string, string>>): Way {
  if (args[0] !== 'mcp-remote') return { kind: 'command', args, env };
  expect(args.slice(2)).toEqual(['--header', 'Authorization:${AUTHORIZATION}']);
  return { kind: 'http', url: args[1] ?? '', authorization: env['AUTHORIZATION'] ?? '' };
}

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

async function askOverHttp(url: string, authorization: string): Promise<Response> {
  expect(url.startsWith(BASE)).toBe(true);
  return await fetch(url.replace(BASE, fixture.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization },
    body: JSON.stringify(INITIALIZE),
  });
}

async function askOverStdio(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const [program, ...rest] = args.map((arg) => arg.replace(BASE, fixture.url));
  expect(program).toBe('errand');
  const child = spawn(process.execPath, [join(repository, 'dist', 'cli', 'main.js'), ...rest], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  child.stdin.end();
  await once(child, 'exit');
  return line;
}

/** What a host that signs in goes by: the 401 and the metadata that it names. */
async function followChallenge(url: string): Promise<string> {
  const own = url.replace('https://errand.example', fixture.url);
  const refused = await fetch(own, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  const metadata = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
  expect([refused.status, await (await fetch(metadata)).json()]).toMatchObject([401, { resource: own }]);
  return await answerTo({ kind: 'http', url: own.replace(fixture.url, BASE), authorization: `Bearer ${KEY_A}` });
}

async function answerTo(way: Way): Promise<string> {
  if (way.kind === 'sign in') return await followChallenge(way.url);
  if (way.kind === 'command') return await askOverStdio(way.args, way.env);
  const response = await askOverHttp(way.url, way.authorization);
  expect([way.url, response.status]).toEqual([way.url, 200]);
  expect((await askOverHttp(way.url, `${way.authorization}x`)).status).toBe(401);
  return await response.text();
}

describe('docs/connect.md', () => {
  const hosts = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, host = '']) => host);

  it.each(hosts.filter((host) => host !== 'When it does not work'))('has a snippet for %s', (host) => {
    expect(SNIPPETS.some((snippet) => snippet.host === host)).toBe(true);
  });

  it.each(SNIPPETS)('leads $host to a server that answers ($language)', async (snippet) => {
    const ways = waysIn(snippet);
    expect(ways).toHaveLength(1);
    for (const way of ways) expect(await answerTo(way)).toContain('"serverInfo":{"name":"errand"');
  });

  it('asks in VS Code for the key that it sends', () => {
    const settings = JSON.parse(SNIPPETS.find(({ host }) => host === 'VS Code')?.text ?? '') as {
      inputs: { id: string; type: string; password: boolean }[];
    };
    expect(settings.inputs).toMatchObject([{ id: 'errand-key', type: 'promptString', password: true }]);
  });
});
