import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

let folder: string;
let notes: string;
const servers: ServerProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-crash-loop-'));
  notes = join(folder, 'notes');
  writeFileSync(notes, '');
  mkdirSync(join(folder, 'workflows'));
  const workflow = (id: string, code: string): void => {
    writeFileSync(join(folder, 'workflows', `${id}.mjs`), code);
    writeFileSync(
      join(folder, 'workflows', `${id}.yaml`),
      `id: ${id}\nname: ${id}\ndescription: A workflow.\ncredits: 1\nisolation: inline\nnodes: [{ id: only, kind: code, uses: ./${id}.mjs }]\n`,
    );
  };
  workflow('works', `export default () => new Promise((resolve) => setTimeout(resolve, 300, 'done'));`);
  workflow(
    'ends_the_server',
    `import { appendFileSync } from 'node:fs';
     export default () => {
       appendFileSync(${JSON.stringify(notes)}, 'x');
       if (process.env.ERRAND_TEST_HARMLESS !== 'yes') process.kill(process.pid, 'SIGKILL');
       return 'harmless';
     };`,
  );
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function spawn(env: Record<string, string> = {}): ServerProcess {
  const server = ServerProcess.spawn({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
  servers.push(server);
  return server;
}

describe('a run that ends the server whenever it is at work', () => {
  it('does so three times and fails with the node that did it; what was at work beside it completes, and a person can retry it', async () => {
    const first = spawn();
    await first.untilServing();
    const works = await startRun(first, 'works');
    const request = { method: 'POST', body: { workflow_id: 'ends_the_server', idempotency_key: 'one' } };
    await first.api('/runs', request).catch(() => undefined);
    await first.ended();
    for (let start = 1; start <= 2; start += 1) await spawn().ended();
    const last = spawn({ ERRAND_TEST_HARMLESS: 'yes' });
    await last.untilServing();
    const { body: started } = await last.api('/runs', request);
    const runId = String(started['run_id']);
    expect(await waitForEnd(last, runId)).toMatchObject({
      status: 'failed',
      error: { kind: 'crashed', node_id: 'only' },
    });
    expect(await waitForEnd(last, works)).toMatchObject({ status: 'completed', output: 'done' });
    expect(readFileSync(notes, 'utf8')).toBe('xxx');
    expect((await last.api('/credits')).body).toMatchObject({ reserved: 0, used_this_month: 1 });
    expect((await last.api(`/runs/${runId}/retry`, { method: 'POST', body: {} })).status).toBe(200);
    expect(await waitForEnd(last, runId)).toMatchObject({ status: 'completed', output: 'harmless' });
  }, 60_000);

  it('lets a node that did so be tried again three times more, and the run go on without it', async () => {
    writeFileSync(
      join(folder, 'workflows', 'goes_on.yaml'),
      `id: goes_on
name: Goes On
description: A workflow.
isolation: inline
nodes:
  - { id: poison, kind: code, uses: ./ends_the_server.mjs, retry: { attempts: 2, initial: 1 }, on_error: continue }
  - { id: after, kind: transform, needs: [poison], join: any, with: '{{ nodes.poison.error.kind }}' }
`,
    );
    const first = spawn();
    await first.untilServing();
    const request = { method: 'POST', body: { workflow_id: 'goes_on', idempotency_key: 'one' } };
    await first.api('/runs', request).catch(() => undefined);
    await first.ended();
    for (let start = 1; start <= 5; start += 1) await spawn().ended();
    const last = spawn();
    await last.untilServing();
    const { body: started } = await last.api('/runs', request);
    const run = await waitForEnd(last, String(started['run_id']));
    expect(run).toMatchObject({ status: 'completed', output: 'crashed' });
    expect(readFileSync(notes, 'utf8')).toBe('xxxxxx');
  }, 120_000);

  it('and its workers has three ends in all, whichever they are', async () => {
    const code = `import { appendFileSync, readFileSync } from 'node:fs';
      const notes = ${JSON.stringify(notes)};
      export default () => {
        appendFileSync(notes, 'x');
        // Its worker, then the server, then its worker again.
        process.kill(readFileSync(notes, 'utf8').length === 2 ? process.ppid : process.pid, 'SIGKILL');
        return new Promise(() => undefined);
      };`;
    writeFileSync(join(folder, 'workflows', 'ends_both.mjs'), code);
    writeFileSync(
      join(folder, 'workflows', 'ends_both.yaml'),
      'id: ends_both\nname: ends_both\ndescription: A workflow.\nnodes: [{ id: only, kind: code, uses: ./ends_both.mjs }]\n',
    );
    const first = spawn();
    await first.untilServing();
    const request = { method: 'POST', body: { workflow_id: 'ends_both', idempotency_key: 'one' } };
    const { body: started } = await first.api('/runs', request);
    await first.ended();
    const second = spawn();
    await second.untilServing();
    expect(await waitForEnd(second, String(started['run_id']))).toMatchObject({
      status: 'failed',
      error: { kind: 'crashed', node_id: 'only', message: expect.stringContaining('ended 3 times') as string },
    });
    expect(readFileSync(notes, 'utf8')).toBe('xxx');
  }, 60_000);
});

describe('a run whose call only waits for its turn', () => {
  it('is not blamed for deaths of the server: what was at work is, and it completes', async () => {
    writeFileSync(join(folder, 'workflows', 'resources.yaml'), 'desk: { concurrency: 1 }\n');
    const code = `import { appendFileSync } from 'node:fs';
      export default ({ input }) => {
        appendFileSync(${JSON.stringify(notes)}, input.stays ? 'x' : '');
        return input.stays ? new Promise(() => undefined) : 'done';
      };`;
    writeFileSync(join(folder, 'workflows', 'takes_turns.mjs'), code);
    writeFileSync(
      join(folder, 'workflows', 'takes_turns.yaml'),
      'id: takes_turns\nname: takes_turns\ndescription: A workflow.\n' +
        `nodes: [{ id: only, kind: code, uses: ./takes_turns.mjs, resource: desk, with: '{{ input }}' }]\n`,
    );
    const nodeOf = async (server: ServerProcess, runId: string): Promise<unknown> => {
      const { body } = await server.api(`/runs/${runId}`);
      return (body['nodes'] as { status: string }[])[0]?.status;
    };
    const first = spawn();
    await first.untilServing();
    const stays = await startRun(first, 'takes_turns', { stays: true });
    await expect.poll(() => readFileSync(notes, 'utf8'), { timeout: 20_000 }).toBe('x');
    const waits = await startRun(first, 'takes_turns', { stays: false });
    await expect.poll(() => nodeOf(first, waits), { timeout: 20_000 }).toBe('running');
    await first.end('SIGKILL');
    for (const atWork of ['xx', 'xxx']) {
      const next = spawn();
      await expect.poll(() => readFileSync(notes, 'utf8'), { timeout: 40_000 }).toBe(atWork);
      await next.end('SIGKILL');
    }
    const last = spawn();
    await last.untilServing();
    expect(await waitForEnd(last, stays)).toMatchObject({
      status: 'failed',
      error: { kind: 'crashed', node_id: 'only', message: expect.stringContaining('died 3 times') as string },
    });
    expect(await waitForEnd(last, waits)).toMatchObject({ status: 'completed', output: 'done' });
  }, 120_000);
});
