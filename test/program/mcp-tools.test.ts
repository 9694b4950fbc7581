import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

const TOOLS = fileURLToPath(new URL('../support/tool-servers/tool-server.mjs', import.meta.url));
const HEAD = 'name: W\ndescription: w\nnodes:\n';

let folder: string;
let callsFile: string;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-tools-'));
  callsFile = join(folder, 'calls');
  writeFileSync(callsFile, '');
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

function write(files: { readonly [name: string]: string }): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

async function serve(
  options: { readonly data?: string; readonly env?: Record<string, string> } = {},
): Promise<ServerProcess> {
  const { data = 'data', env = {} } = options;
  const server = await ServerProcess.start({ data: join(folder, data), workflows: folder, env });
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

async function run(server: ServerProcess, workflow: string, input: object = {}): Promise<ApiRun> {
  return waitForEnd(server, await startRun(server, workflow, input));
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const overStdio = (name: string): string =>
  `${name}: ${JSON.stringify({ command: process.execPath, args: [TOOLS], env: { TOOL_CALLS: callsFile } })}\n`;

const calls = (): string[] => readFileSync(callsFile, 'utf8').split('\n').slice(0, -1);

describe('a workflow that uses the tools of an MCP server', () => {
  it(
    'calls none again that has answered, whatever is killed, and its server ends with ours',
    { timeout: 240_000 },
    async () => {
      write({
        'mcp-servers.yaml': overStdio('tools'),
        'where.yaml': `id: where\n${HEAD}  - { id: a, kind: mcp, server: tools, tool: environment }\nresult: '{{ $eval(nodes.a.output.text).pid }}'\n`,
        'work.yaml': `id: work
${HEAD}  - { id: say, kind: mcp, server: tools, tool: echo, with: { text: hello } }
  - { id: add, kind: mcp, needs: [say], server: tools, tool: add, with: { a: '{{ input.a }}', b: 1 } }
  - { id: stuck, kind: mcp, needs: [add], server: tools, tool: slow, with: { steps: 0, forever: true } }
`,
      });
      const first = await serve();
      const pid = (await run(first, 'where')).output as number;
      expect(isAlive(pid)).toBe(true);
      const runId = await startRun(first, 'work', { a: 2 });
      await until(() => calls().includes('slow'));
      await first.end('SIGKILL');
      await until(() => !isAlive(pid));

      const second = await serve();
      await until(() => calls().filter((name) => name === 'slow').length === 2);
      expect(calls()).toEqual(['environment', 'echo', 'add', 'slow', 'slow']);
      await second.api(`/runs/${runId}/cancel`, { method: 'POST', body: {} });
      await until(() => calls().includes('slow was cancelled'));
      const heir = (await run(second, 'where')).output as number;
      expect(await second.end('SIGTERM')).toBe(0);
      await until(() => !isAlive(heir));
    },
  );

  it(
    'fails with what the tool says, and goes on with a server that was started again',
    { timeout: 240_000 },
    async () => {
      write({
        'mcp-servers.yaml': overStdio('tools'),
        'work.yaml': `id: work
${HEAD}  - { id: sad, kind: mcp, server: tools, tool: fails, on_error: continue }
  - { id: crash, kind: mcp, needs: [sad], server: tools, tool: crash, retry: { attempts: 2, initial: 1ms }, on_error: continue }
  - { id: none, kind: mcp, needs: [crash], server: tools, tool: ecko, on_error: continue }
  - { id: say, kind: mcp, needs: [none], server: tools, tool: echo, with: { text: hello } }
result:
  sad: '{{ nodes.sad.error }}'
  crash: '{{ nodes.crash.error.kind }}'
  none: '{{ nodes.none.error.kind }}'
  said: '{{ nodes.say.output.text }}'
`,
      });
      const server = await serve();
      expect(await run(server, 'work')).toMatchObject({
        output: {
          sad: { kind: 'mcp_tool_error', message: 'The tool fails of the MCP server tools failed: no such customer' },
          crash: 'mcp_unavailable',
          none: 'mcp_unknown_tool',
          said: 'hello',
        },
      });
      expect(calls()).toEqual(['fails', 'crash', 'crash', 'echo']);
    },
  );

  it('can use the workflows of another Errand, with a key from the environment', { timeout: 240_000 }, async () => {
    write({ 'double.yaml': `id: double\n${HEAD}  - { id: a, kind: transform, with: '{{ input.n * 2 }}' }\n` });
    const other = await serve({ data: 'other' });
    write({
      'mcp-servers.yaml': `errand: { url: '${other.url}/mcp', headers: { authorization: 'Bearer \${OTHER_KEY}' } }\n`,
      'far.yaml': `id: far
${HEAD}  - { id: a, kind: mcp, server: errand, tool: double, with: { n: '{{ input.n }}' } }
result: '{{ nodes.a.output.structured.output }}'
`,
    });
    const server = await serve({ env: { OTHER_KEY: KEY } });
    expect(await run(server, 'far', { n: 21 })).toMatchObject({ status: 'completed', output: 42 });
    expect(server.output).not.toContain(KEY);
  });

  it('is there as soon as its server is declared, and not before', { timeout: 240_000 }, async () => {
    write({
      'mcp-servers.yaml': overStdio('tols'),
      'work.yaml': `id: work\n${HEAD}  - { id: a, kind: mcp, server: tools, tool: echo, with: { text: hi } }\n`,
    });
    const server = await serve();
    expect((await server.api('/workflows/work')).status).toBe(404);
    await until(() => server.output.includes('did you mean "tols"?'));
    write({ 'mcp-servers.yaml': overStdio('tools') });
    await until(async () => (await server.api('/workflows/work')).status === 200);
    expect(await run(server, 'work')).toMatchObject({ status: 'completed' });
  });
});
