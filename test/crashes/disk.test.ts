import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../src/app/assembly/data-folder.js';
import { ServerProcess } from '../support/server/server-process.js';

/** Linux's tool for the limits of a process that runs. */
const canLimit = spawnSync('prlimit', ['--version']).status === 0;

let folder: string;
let server: ServerProcess;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-disk-'));
  const workflows = join(folder, 'workflows');
  mkdirSync(workflows);
  writeFileSync(join(folder, 'journal'), '');
  writeFileSync(join(folder, 'gate'), 'closed');
  writeFileSync(
    join(workflows, 'note.mjs'),
    `import { appendFileSync, readFileSync } from 'node:fs';
     export default async ({ run, node }) => {
       appendFileSync(${JSON.stringify(join(folder, 'journal'))}, run.id + ' ' + node.id + '\\n');
       while (node.id === 'b' && readFileSync(${JSON.stringify(join(folder, 'gate'))}, 'utf8') === 'closed') {
         await new Promise((resolve) => setTimeout(resolve, 20));
       }
       return node.id;
     };`,
  );
  const node = (id: string, needs: string): string =>
    `  - { id: ${id}, kind: code, uses: ./note.mjs, needs: [${needs}] }\n`;
  writeFileSync(
    join(workflows, 'chain.yaml'),
    `id: chain\nname: Chain\ndescription: Three in a row.\ncredits: 1\nnodes:\n${node('a', '')}${node('b', 'a')}${node('c', 'b')}`,
  );
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows });
});
afterEach(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** No file of the server's may grow beyond so many bytes. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`]);
}

const journal = (): string[] => readFileSync(join(folder, 'journal'), 'utf8').trim().split('\n');
const start = () => server.api('/runs', { method: 'POST', body: { workflow_id: 'chain' } });
const ready = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status;

describe.skipIf(!canLimit)('a server that cannot write', () => {
  it(
    'refuses new runs, goes on answering, loses nothing of those under way, and goes on when it can again',
    { timeout: 60_000 },
    async () => {
      const runIds: string[] = [];
      for (let n = 0; n < 20; n += 1) runIds.push(String((await start()).body['run_id']));
      await until(async () => journal().length === 40);
      await until(async () => {
        const { body } = await server.api(`/runs/${runIds.at(-1)}`);
        return (body['nodes'] as { status: string }[])[0]?.status === 'completed';
      });

      limitFiles(4_096);
      await until(async () => (await ready()) === 503);
      const refused = await start();
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({
        error: { code: 'unavailable', message: expect.stringContaining('the file system reports an error') },
      });
      // The nodes under way end, but nothing that depends on them begins before that is on disk.
      writeFileSync(join(folder, 'gate'), 'open');
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(journal()).toHaveLength(40);
      const during = await server.api(`/runs/${runIds[0]}`);
      expect([during.status, during.body['status']]).toEqual([200, 'running']);
      expect((await server.api('/runs?limit=100')).body['total']).toBe(20);

      limitFiles('unlimited');
      await until(async () => (await ready()) === 200);
      runIds.push(String((await start()).body['run_id']));
      for (const runId of runIds) {
        await until(async () => (await server.api(`/runs/${runId}?wait_seconds=5`)).body['terminal'] === true);
        expect((await server.api(`/runs/${runId}`)).body).toMatchObject({ status: 'completed', output: 'c' });
      }
      expect(journal().toSorted()).toEqual(
        runIds.flatMap((id) => ['a', 'b', 'c'].map((node) => `${id.slice('run_'.length)} ${node}`)).toSorted(),
      );
      expect((await server.api('/credits')).body).toMatchObject({ used_this_month: 21, reserved: 0 });
      const inspections = await examine({ data: join(folder, 'data'), sample: null });
      expect(inspections.flatMap(({ faults }) => faults)).toEqual([]);
    },
  );

  it('and is killed then, has all that it acknowledged at its next start', { timeout: 60_000 }, async () => {
    const runIds: string[] = [];
    for (let n = 0; n < 10; n += 1) runIds.push(String((await start()).body['run_id']));
    await until(async () => journal().length === 20);
    limitFiles(4_096);
    await until(async () => (await ready()) === 503);
    writeFileSync(join(folder, 'gate'), 'open');
    await server.end('SIGKILL');
    server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows') });
    for (const runId of runIds) {
      await until(async () => (await server.api(`/runs/${runId}?wait_seconds=5`)).body['terminal'] === true);
    }
    expect((await server.api('/credits')).body).toMatchObject({ used_this_month: 10, reserved: 0 });
  });
});
