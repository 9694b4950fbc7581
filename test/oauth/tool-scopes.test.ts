import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GRANTABLE_SCOPES, withIncluded, type Scope } from '../../src/core/tenant/principal.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { Person } from '../support/oauth/person.js';
import { PlainClient } from '../support/oauth/plain-client.js';

interface ListedTool {
  readonly name: string;
  readonly inputSchema: { readonly required?: readonly string[] };
  readonly securitySchemes?: readonly { readonly type: string; readonly scopes: readonly Scope[] }[];
  readonly _meta?: { readonly securitySchemes?: unknown };
}

/** Values that are taken, by the names of arguments. */
const GOOD: { readonly [name: string]: unknown } = {
  workflow_id: 'greet',
  workflowId: 'greet',
  node_id: 'approve',
  answer: '{"approved": true}',
  input: 'words',
  inputs: [{ name: 'Ada' }],
  name: 'Mondays',
  cron: '0 9 * * MON',
  hook_id: crypto.randomUUID(),
  job_id: crypto.randomUUID(),
  action: 'cancel',
  definition: 'id: say_it',
};
/** Beside those that must be there. */
const BESIDE: { readonly [tool: string]: readonly string[] } = {
  create_hook: ['workflow_id'],
  try_workflow: ['definition'],
  update_workflow: ['workflow_id', 'version', 'definition'],
  delete_workflow: ['workflow_id'],
};

let stack: NativeStack;
let base = '';
let client: PlainClient;
let person: Person;
let good: { readonly [name: string]: unknown };
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no network')) });
  base = stack.url.origin;
});
afterAll(() => stack.close());
beforeEach(async () => {
  const { organization } = await stack.newCaller();
  const { key } = await stack.newKey(organization, undefined, ['run', 'approve', 'workflows:write', 'manage']);
  person = new Person(key);
  client = await PlainClient.registered(base);
  const make = async (tool: string, args: object): Promise<{ readonly [field: string]: unknown }> => {
    const made = await client.call(key, tool, args);
    const { result } = (await made.json()) as { result: { structuredContent: { [field: string]: unknown } } };
    return result.structuredContent;
  };
  const { run_id: runId } = await make('run_workflow', { workflow_id: 'release' });
  const schedule = { name: 'x', workflow_id: 'greet', cron: '@daily', input: { name: 'Ada' } };
  const { id } = await make('create_schedule', schedule);
  good = { ...GOOD, version: 1, run_id: runId, runId, schedule_id: id };
});

async function list(path: string, headers: Record<string, string>): Promise<readonly ListedTool[]> {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return ((await response.json()) as { result: { tools: ListedTool[] } }).result.tools;
}

async function tokenFor(scopes: readonly Scope[], path: string): Promise<string> {
  const tokens = await client.signIn(person, { scope: scopes.join(' '), resource: base + path });
  expect(tokens.scope).toBe(scopes.join(' '));
  return tokens.access_token;
}

function argumentsOf({ name, inputSchema: { required = [] } }: ListedTool): object {
  return Object.fromEntries([...required, ...(BESIDE[name] ?? [])].map((each) => [each, good[each]]));
}

/** All that can be granted without what the last of these is. */
function allBut(needed: readonly Scope[]): readonly Scope[] {
  const scope = needed.at(-1);
  return GRANTABLE_SCOPES.filter((each) => scope !== undefined && !withIncluded([each]).includes(scope));
}

async function expectRefusal(tool: ListedTool, needed: readonly Scope[], token: string, path: string): Promise<void> {
  const refused = await client.call(token, tool.name, argumentsOf(tool), path);
  expect([tool.name, refused.status]).toEqual([tool.name, 403]);
  const challenge = refused.headers.get('www-authenticate') ?? '';
  expect(challenge).toContain('error="insufficient_scope"');
  expect(/scope="([^"]+)"/.exec(challenge)?.[1]?.split(' ')).toEqual(expect.arrayContaining([...needed]));
  // ChatGPT reads the challenge in the message.
  expect(JSON.stringify(await refused.json())).toContain(
    `"_meta":${JSON.stringify({ 'mcp/www_authenticate': [challenge] })}`,
  );
}

describe.each(['/mcp', '/api/mcp-app'])('the tools at %s', (path) => {
  it('each say what scopes they need, and that is true', async () => {
    const tools = await list(path, { authorization: `Bearer ${await tokenFor(['read'], path)}` });
    const tokens = new Map<string, string>();
    const tokenOf = async (scopes: readonly Scope[]): Promise<string> => {
      const text = scopes.join(' ');
      const token = tokens.get(text) ?? (await tokenFor(scopes, path));
      tokens.set(text, token);
      return token;
    };
    // The others are workflows that wait for somebody.
    for (const tool of tools.filter(({ name }) => name !== 'checkup' && name !== 'release')) {
      const [scheme] = tool.securitySchemes ?? [];
      const needed = scheme?.scopes ?? [];
      expect([tool.name, tool['_meta']?.securitySchemes]).toEqual([tool.name, [{ type: 'oauth2', scopes: needed }]]);
      const args = argumentsOf(tool);
      // Every sign-in can read.
      if (needed.at(-1) !== 'read') await expectRefusal(tool, needed, await tokenOf(allBut(needed)), path);
      const taken = await client.call(await tokenOf(needed), tool.name, args, path);
      expect([tool.name, taken.status]).toEqual([tool.name, 200]);
    }
  });
});

describe('the answer to a call that needs more', () => {
  it('is a result that says so, also for a client that asked to be told of its progress', async () => {
    const token = await tokenFor(['read'], '/mcp');
    const call = (meta: object): Promise<Response> =>
      fetch(`${base}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'greet', arguments: { name: 'Ada' }, ...meta },
        }),
      });
    for (const meta of [{}, { _meta: { progressToken: 1 } }]) {
      const refused = await call(meta);
      const challenge = refused.headers.get('www-authenticate');
      expect([refused.status, await refused.json()]).toEqual([
        403,
        {
          jsonrpc: '2.0',
          id: 1,
          result: {
            _meta: { 'mcp/www_authenticate': [challenge] },
            isError: true,
            content: [{ type: 'text', text: expect.stringContaining('the scope "run"') as string }],
            structuredContent: { error: { code: 'forbidden', message: expect.any(String) as string } },
          },
        },
      ]);
    }
  });
});

describe('the tools', () => {
  it('say nothing of signing in at the address for keys, nor in contract A', async () => {
    const { headers } = await stack.newCaller();
    for (const path of ['/mcp/key', '/mcp/workflows']) {
      const tools = await list(path, headers);
      expect(tools.length).toBeGreaterThan(0);
      expect(JSON.stringify(tools)).not.toMatch(/securitySchemes|oauth2/);
    }
  });
});
