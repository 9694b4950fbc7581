import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskControl, powerLoss, powerLossWithoutSyncs } from '../../chaos/faults/disk-faults.js';
import { Random } from '../../chaos/random.js';
import { examine } from '../../src/app/assembly/data-folder.js';
import { ServerProcess } from '../support/server/server-process.js';

/** The library between the server and its disk is compiled here. */
const canCompile = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
const SLOW_MS = 2_500;
/** A disk that is fast whatever else the machine does. */
const MEMORY = '/dev/shm';
const MIB = 1024 * 1024;
const LOG_IS_COPIED_FROM = 32 * MIB;

let folder: string;
let workflows: string;
let server: ServerProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-sync-'));
  workflows = join(folder, 'workflows');
  mkdirSync(workflows);
  writeFileSync(join(folder, 'gate'), 'closed');
  writeFileSync(
    join(workflows, 'wait.mjs'),
    `import { readFileSync } from 'node:fs';
     export default async () => {
       while (readFileSync(${JSON.stringify(join(folder, 'gate'))}, 'utf8') === 'closed') {
         await new Promise((resolve) => setTimeout(resolve, 20));
       }
     };`,
  );
  writeFileSync(
    join(workflows, 'gated.yaml'),
    'id: gated\nname: Gated\ndescription: Waits for a file.\nnodes:\n  - { id: wait, kind: code, uses: ./wait.mjs }\n',
  );
  writeFileSync(
    join(workflows, 'echo.yaml'),
    'id: echo\nname: Echo\ndescription: One step.\nnodes:\n  - { id: say, kind: transform, with: { said: 1 } }\n',
  );
});
afterEach(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const data = () => join(folder, 'data');
/** The numbers that SQLite chooses whenever it begins the log anew. See https://sqlite.org/fileformat2.html#walformat */
const salts = () => readFileSync(join(data(), 'errand.db-wal')).toString('hex', 16, 24);
const walSize = () => statSync(join(data(), 'errand.db-wal')).size;

async function startServer(env: { readonly [name: string]: string }): Promise<ServerProcess> {
  const limits = { ERRAND_MUTATING_CALLS_PER_MINUTE: '100000', ERRAND_LOG_LEVEL: 'fatal' };
  server = await ServerProcess.start({ data: data(), workflows, env: { ...limits, ...env } });
  return server;
}

const start = (to: ServerProcess, body: object) => to.api('/runs', { method: 'POST', body });

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A run whose only node waits for the gate. */
async function startGated(to: ServerProcess): Promise<string> {
  const runId = String((await start(to, { workflow_id: 'gated' })).body['run_id']);
  await until(async () => (await nodeStatus(to, runId)) === 'running');
  return runId;
}

async function nodeStatus(from: ServerProcess, runId: string): Promise<string | undefined> {
  return ((await from.api(`/runs/${runId}`)).body['nodes'] as { status: string }[])[0]?.status;
}

describe.skipIf(!canCompile)('the event loop', () => {
  it(
    'makes no sync on a slow disk, neither for commits nor when the log is copied into the database',
    { timeout: 120_000 },
    async () => {
      const control = new DiskControl(folder);
      const serving = await startServer(control.env);
      control.slow(5);
      await start(serving, { workflow_id: 'echo', wait_seconds: 10 });
      const atStart = control.syncsOnFirstThread;
      const input = { text: 'x'.repeat(1_000_000) };
      const before = salts();
      await until(async () => {
        await Promise.all([1, 2, 3, 4].map(() => start(serving, { workflow_id: 'echo', input, wait_seconds: 10 })));
        return salts() !== before;
      });
      expect(walSize()).toBeGreaterThan(LOG_IS_COPIED_FROM);
      expect(control.syncsOnFirstThread).toBe(atStart);
      // It does count them: a server that stops closes its file by itself.
      await serving.end('SIGTERM');
      expect(control.syncsOnFirstThread).toBeGreaterThan(atStart);
    },
  );
});

describe.skipIf(!canCompile || !existsSync(MEMORY))('on a disk that has been fast, the event loop', () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(MEMORY, 'errand-sync-'));
    symlinkSync(disk, data());
  });
  afterEach(() => rmSync(disk, { recursive: true, force: true }));

  const echo = (to: ServerProcess) => start(to, { workflow_id: 'echo', wait_seconds: 20 });
  /** Runs one after the other, until the event loop makes their syncs. */
  async function becomeFast(serving: ServerProcess, control: DiskControl): Promise<void> {
    const before = control.syncsOnFirstThread;
    while (control.syncsOnFirstThread < before + 3) expect((await echo(serving)).status).toBe(201);
  }

  it('makes one sync at most when it turns slow, and answers for one that fails', { timeout: 120_000 }, async () => {
    const control = new DiskControl(folder);
    const serving = await startServer(control.env);
    await becomeFast(serving, control);
    control.slow(200);
    const before = control.syncsOnFirstThread;
    for (let run = 0; run < 3; run += 1) expect((await echo(serving)).body['status']).toBe('completed');
    expect(control.syncsOnFirstThread).toBeLessThanOrEqual(before + 1);
    control.slow(0);
    await becomeFast(serving, control);
    const { total } = (await serving.api('/runs')).body;
    control.fail({ perThousand: 1_000, errno: constants.errno.EIO, syncsAlone: true });
    expect((await echo(serving)).status).toBe(503);
    control.fail({ perThousand: 0, errno: 0 });
    await until(async () => (await fetch(`${serving.url}/readyz`)).status === 200);
    expect((await serving.api('/runs')).body['total']).toBe(total);
    expect((await echo(serving)).body['status']).toBe('completed');
  });
});

describe.skipIf(!canCompile)('while a sync goes on', () => {
  it('polls are answered, and show what is durable and no more', { timeout: 60_000 }, async () => {
    const control = new DiskControl(folder);
    const serving = await startServer(control.env);
    const runId = await startGated(serving);
    control.slow(SLOW_MS);
    const before = walSize();
    let answered = 0;
    const startOnce = async () => {
      const answer = await start(serving, { workflow_id: 'echo', idempotency_key: 'once' });
      answered += 1;
      return answer;
    };
    const started = startOnce();
    await until(() => walSize() > before);
    const repeated = startOnce();
    writeFileSync(join(folder, 'gate'), 'open');
    const statuses = new Set<string | undefined>();
    for (let poll = 0; poll < 20; poll += 1) statuses.add(await nodeStatus(serving, runId));
    const events = await serving.api(`/runs/${runId}/log`);
    expect(answered).toBe(0);
    expect([...statuses]).toEqual(['running']);
    expect(JSON.stringify(events.body)).not.toContain('node.completed');
    control.slow(0);
    expect((await repeated).body['run_id']).toBe((await started).body['run_id']);
    await until(async () => (await nodeStatus(serving, runId)) === 'completed');
  });
});

describe.skipIf(!canCompile)('a sync that fails', () => {
  it(
    'refuses what waited for it, of which nothing is left, and what comes until one succeeds',
    { timeout: 60_000 },
    async () => {
      const control = new DiskControl(folder);
      const serving = await startServer(control.env);
      const gated = await startGated(serving);
      control.fail({ perThousand: 1_000, errno: constants.errno.EIO, syncsAlone: true });
      const refused = await Promise.all(Array.from({ length: 5 }, () => start(serving, { workflow_id: 'echo' })));
      for (const { status, body } of refused) {
        expect(status).toBe(503);
        expect(body).toMatchObject({ error: { message: expect.stringContaining('the file system reports an error') } });
      }
      writeFileSync(join(folder, 'gate'), 'open');
      expect((await start(serving, { workflow_id: 'echo' })).status).toBe(503);
      expect(await nodeStatus(serving, gated)).toBe('running');
      expect((await serving.api('/runs')).body['total']).toBe(1);
      expect((await fetch(`${serving.url}/readyz`)).status).toBe(503);

      control.fail({ perThousand: 0, errno: 0 });
      await until(async () => (await fetch(`${serving.url}/readyz`)).status === 200);
      await until(async () => (await nodeStatus(serving, gated)) === 'completed');
      expect((await start(serving, { workflow_id: 'echo', wait_seconds: 20 })).body['status']).toBe('completed');
      expect((await serving.api('/runs')).body['total']).toBe(2);
      await serving.end('SIGKILL');
      const again = await startServer({});
      expect((await again.api('/runs')).body['total']).toBe(2);
      await again.end('SIGTERM');
      const inspections = await examine({ data: data(), sample: null });
      expect(inspections.flatMap(({ faults }) => faults)).toEqual([]);
    },
  );

  it('is got over where it comes while the log is copied into the database', { timeout: 60_000 }, async () => {
    const control = new DiskControl(folder);
    const serving = await startServer(control.env);
    const input = { text: 'x'.repeat(1_000_000) };
    const startLong = () => start(serving, { workflow_id: 'echo', input });
    let kept = 0;
    for (; walSize() < 20 * MIB; kept += 1) expect((await startLong()).status).toBe(201);
    // Time for all that come now to be committed, and for the copying to begin, before their sync fails.
    control.slow(1_500);
    const answers = Promise.all(Array.from({ length: 20 }, startLong));
    await until(() => walSize() > LOG_IS_COPIED_FROM);
    control.fail({ perThousand: 1_000, errno: constants.errno.EIO, syncsAlone: true });
    const statuses = (await answers).map(({ status }) => status);
    expect(statuses).toContain(503);
    kept += statuses.filter((status) => status === 201).length;
    control.slow(0);
    control.fail({ perThousand: 0, errno: 0 });
    await until(async () => (await fetch(`${serving.url}/readyz`)).status === 200);
    expect((await start(serving, { workflow_id: 'echo', wait_seconds: 20 })).body['status']).toBe('completed');
    expect((await serving.api('/runs')).body['total']).toBe(kept + 1);
  });
});

describe.skipIf(!canCompile)('after a power cut', () => {
  const runsAfterCut = async (makeFaults: typeof powerLoss): Promise<unknown> => {
    const faults = makeFaults(folder, new Random(7));
    // Once, so that there is a database.
    await (await startServer({})).end('SIGTERM');
    faults.beforeLife();
    const serving = await startServer(faults.env);
    const answers = await Promise.all(Array.from({ length: 20 }, () => start(serving, { workflow_id: 'echo' })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    await serving.end('SIGKILL');
    expect(readFileSync(join(folder, 'record')).length).toBeGreaterThan(0);
    faults.afterLife();
    return (await (await startServer({})).api('/runs')).body['total'];
  };

  it('every run that was acknowledged is there', { timeout: 60_000 }, async () => {
    expect(await runsAfterCut(powerLoss)).toBe(20);
  });

  it('none is where the syncs of commits are left out, so this harness finds that', { timeout: 60_000 }, async () => {
    expect(await runsAfterCut(powerLossWithoutSyncs)).toBe(0);
  });
});
