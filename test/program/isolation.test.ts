import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

let folder: string;
const servers: ServerProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-isolation-'));
  mkdirSync(join(folder, 'workflows'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  writeFileSync(join(folder, 'workflows', file), text);
}

/** A workflow of one node, with further fields of both. */
function workflow(id: string, code: string, node = '', further = ''): void {
  write(`${id}.mjs`, code);
  write(
    `${id}.yaml`,
    `id: ${id}\nname: ${id}\ndescription: A workflow.\n${further}\nnodes: [{ id: only, kind: code, uses: ./${id}.mjs, with: '{{ input }}'${node} }]\n`,
  );
}

/** As the server itself writes the id of a run. */
function bareId(runId: string): string {
  return runId.replace(/^run_/, '');
}

async function serve(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
  servers.push(server);
  return server;
}

const WHERE = `import { isMainThread } from 'node:worker_threads';
  export default () => ({ pid: process.pid, isMainThread, secret: process.env.ERRAND_SECRET_KEY ?? null, own: process.env.OF_THE_AUTHOR });`;

describe('handlers of a workflows folder', () => {
  it('run beside the server unless their workflow, or the server, says otherwise', async () => {
    workflow('by_default', WHERE);
    for (const isolation of ['process', 'thread', 'inline']) workflow(isolation, WHERE, '', `isolation: ${isolation}`);
    const secret = Buffer.alloc(32, 7).toString('base64');
    const server = await serve({ ERRAND_SECRET_KEY: secret, OF_THE_AUTHOR: 'yes' });
    const output = async (id: string): Promise<unknown> =>
      (await waitForEnd(server, await startRun(server, id))).output;
    const { pid } = server;
    const beside = { isMainThread: true, secret: null, own: 'yes', pid: expect.not.toBeOneOf([pid]) as number };
    expect(await output('by_default')).toEqual(beside);
    expect(await output('process')).toEqual(beside);
    expect(await output('thread')).toMatchObject({ isMainThread: false, pid });
    expect(await output('inline')).toMatchObject({ isMainThread: true, pid });
    await server.end('SIGTERM');
    const other = await serve({ ERRAND_ISOLATION: 'inline' });
    const ended = await waitForEnd(other, await startRun(other, 'by_default'));
    expect(ended.output).toMatchObject({ pid: other.pid });
  });

  it('may compute without end: others go on, and what they hold is held until they are gone', async () => {
    write('resources.yaml', 'narrow: { concurrency: 1 }\n');
    workflow('loops', `export default () => { for (;;); };`, ', timeout: 700ms, resource: narrow');
    workflow('quick', `export default ({ input }) => input;`, ', resource: narrow');
    const server = await serve();
    const loops = await startRun(server, 'loops');
    const quick = await startRun(server, 'quick', { a: 1 });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(await waitForEnd(server, loops)).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
    const ended = await waitForEnd(server, quick);
    expect(ended).toMatchObject({ status: 'completed', output: { a: 1 } });
    const { body: looped } = await server.api(`/runs/${loops}`);
    expect(Date.parse(String(ended.completed_at))).toBeGreaterThan(Date.parse(String(looped['completed_at'])));
  });

  it('tell the log whose lines they print', async () => {
    workflow('prints', `export default () => { console.error('something odd'); };`);
    const server = await serve();
    const runId = await startRun(server, 'prints');
    await waitForEnd(server, runId);
    const line = server.output.split('\n').find((text) => text.includes('something odd')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      runId: bareId(runId),
      nodeId: 'only',
      attempt: 1,
      organizationId: expect.any(String) as string,
    });
  });

  it('cannot keep the server from starting by what they do when they are loaded', async () => {
    workflow('ends', `process.exit(1);`);
    workflow('fine', `export default () => 'fine';`);
    const server = await serve();
    expect(server.output).toContain('process.exit(1)');
    expect(await waitForEnd(server, await startRun(server, 'fine'))).toMatchObject({ output: 'fine' });
  });

  it(
    'that end their worker fail as crashed, try again as their retry says, and a person can have them tried again',
    { timeout: 120_000 },
    async () => {
      const notes = join(folder, 'notes');
      workflow(
        'crashes',
        `import { appendFileSync, existsSync } from 'node:fs';
       export default ({ attempt, idempotencyKey }) => {
         if (existsSync(${JSON.stringify(`${notes}.harmless`)})) return 'harmless';
         appendFileSync(${JSON.stringify(notes)}, attempt + ' ' + idempotencyKey + '\\n');
         process.kill(process.pid, 'SIGKILL');
       };`,
        ', retry: { attempts: 2, initial: 1 }',
        'credits: 1',
      );
      const server = await serve();
      const runId = await startRun(server, 'crashes');
      expect(await waitForEnd(server, runId)).toMatchObject({
        status: 'failed',
        error: { kind: 'crashed', node_id: 'only' },
      });
      const key = `${bareId(runId)}:only`;
      const begun = ['1', '1', '1', '2', '2', '2'].map((attempt) => `${attempt} ${key}`);
      expect(readFileSync(notes, 'utf8').trim().split('\n')).toEqual(begun);
      writeFileSync(`${notes}.harmless`, '');
      expect((await server.api(`/runs/${runId}/retry`, { method: 'POST', body: {} })).status).toBe(200);
      expect(await waitForEnd(server, runId)).toMatchObject({ status: 'completed', output: 'harmless' });
    },
  );
});
