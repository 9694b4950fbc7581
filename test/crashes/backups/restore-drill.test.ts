import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../../support/server/run-command.js';
import { ServerProcess } from '../../support/server/server-process.js';
import { startRun, waitForEnd } from '../../support/server/server-runs.js';

const PAGE = 8_192;

let folder: string;
let data: string;
let backup: string;
let workflows: string;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  // With a blank in its name: advice has to be right for such folders too.
  folder = mkdtempSync(join(tmpdir(), 'errand drill-'));
  [data, backup, workflows] = [join(folder, 'data'), join(folder, 'backups', 'one.backup'), join(folder, 'workflows')];
  mkdirSync(workflows);
  writeFileSync(join(workflows, 'echo.mjs'), 'export default ({ input }) => input;');
  writeFileSync(
    join(workflows, 'echo.yaml'),
    "id: echo\nname: E\ndescription: e\nnodes:\n  - { id: a, kind: code, uses: ./echo.mjs, with: '{{ input }}' }\n",
  );
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ data, workflows });
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

/** Runs so many, and gives what each has to answer. */
async function echo(server: ServerProcess, count: number): Promise<Map<string, object>> {
  const outputs = new Map<string, object>();
  for (let n = 0; n < count; n += 1) {
    const input = { n, text: 'x'.repeat(5_000) };
    outputs.set(await startRun(server, 'echo', input), input);
  }
  for (const runId of outputs.keys()) await waitForEnd(server, runId);
  return outputs;
}

/** A server with a backup and more since, killed in the middle of its work: what the backup holds. */
async function crash(): Promise<Map<string, object>> {
  const before = await serve();
  const backedUp = await echo(before, 20);
  // Into the file itself, out of the log.
  await before.end('SIGTERM');
  const server = await serve();
  expect(await runCommand(['backup', backup, '--data', data])).toMatchObject({ code: 0 });
  await echo(server, 60);
  await server.end('SIGKILL');
  expect(statSync(join(data, 'errand.db-wal')).size).toBeGreaterThan(0);
  return backedUp;
}

/** All of the file but its first page, which names it. */
function damage(file: string): void {
  const opened = openSync(file, 'r+');
  const length = fstatSync(opened).size - PAGE;
  writeSync(opened, Buffer.alloc(length, 0xaa), 0, length, PAGE);
  closeSync(opened);
}

/** The arguments of the command that a message tells to use, with the backup that there is. */
function commandIn(message: string, name: string): string[] {
  const command = [...message.matchAll(/`errand ([^`]+)`/g)]
    .map(([, words = '']) => words)
    .find((words) => words.startsWith(name));
  const words = command?.match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => (word === '<backup>' ? backup : word.replaceAll("'", '')));
}

async function refusal(): Promise<string> {
  const server = ServerProcess.spawn({ data, workflows });
  cleanUps.push(() => server.end('SIGKILL'));
  return server.untilServing().then(
    () => 'it serves',
    (error: Error) => error.message,
  );
}

async function expectAllOf(runs: ReadonlyMap<string, object>): Promise<void> {
  expect(await runCommand(['doctor', '--data', data, '--all'])).toMatchObject({ code: 0 });
  const server = await serve();
  for (const [runId, output] of runs) {
    expect(await waitForEnd(server, runId)).toMatchObject({ status: 'completed', output });
  }
  const { body } = await server.api('/runs?limit=1');
  expect(body['total']).toBe(runs.size);
  await echo(server, 1);
  await server.end('SIGTERM');
}

it(
  'a crash, a damaged file, and a restore as the message says end in what the backup holds',
  { timeout: 120_000 },
  async () => {
    const backedUp = await crash();
    damage(join(data, 'errand.db'));
    rmSync(join(data, 'errand.db-shm'));
    const message = await refusal();
    expect(message).toContain('is damaged');
    const doctor = await runCommand(commandIn(message, 'doctor'));
    expect([doctor.code, doctor.err]).toEqual([1, expect.stringContaining('errand restore <backup>')]);

    const restored = await runCommand(commandIn(message, 'restore'));
    expect([restored.code, restored.out]).toEqual([0, `Restored ${backup} into ${data}.\n`]);
    const aside = readdirSync(data).filter((name) => name.startsWith('replaced-'));
    expect(aside).toHaveLength(1);
    expect(readdirSync(join(data, aside[0] ?? ''))).toContain('errand.db');
    expect(readdirSync(data)).not.toContain('errand.db-wal');
    await expectAllOf(backedUp);
  },
);

it(
  'a restore beside any file of the old database is refused, with the names of all of them',
  { timeout: 120_000 },
  async () => {
    const backedUp = await crash();
    const away = join(folder, 'away');
    mkdirSync(away);
    const starts: string[] = [];
    for (const name of ['errand.db', 'errand.db-wal', 'errand.db-shm']) {
      const left = ['errand.db', 'errand.db-wal', 'errand.db-shm'].filter((each) => existsSync(join(data, each)));
      const refused = await runCommand(['restore', backup, '--data', data]);
      expect(refused.code).toBe(1);
      expect(refused.err).toContain(`holds data already: ${left.join(', ')}.`);
      expect(readdirSync(data)).toEqual(expect.arrayContaining(left));
      renameSync(join(data, name), join(away, name));
      if (name === 'errand.db') starts.push(await refusal());
    }
    expect(starts).toEqual([expect.stringContaining('holds errand.db-wal, the newest records of a database')]);
    expect(await runCommand(['restore', backup, '--data', data])).toMatchObject({ code: 0 });
    await expectAllOf(backedUp);
  },
);
