import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createErrand, type Errand } from '../../src/app/create-errand.js';
import { backUp, examine, restore } from '../../src/app/assembly/data-folder.js';
import { silentLogger } from '../../src/core/ports/logger.js';
import { startServer } from '../../src/app/server.js';
import { loadBinding } from '../../src/store/sqlite/connection/binding.js';
import { defineWorkflow } from '../../src/workflow/define-workflow.js';
import { runCommand } from '../support/server/run-command.js';

let folder: string;
let data: string;
const opened: Errand[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-data-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  for (const errand of opened.splice(0)) await errand.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

const slow = defineWorkflow({
  id: 'slow',
  name: 'Slow',
  description: 'Takes its time.',
  credits: 2,
  nodes: [
    { id: 'a', kind: 'code', run: () => new Promise((resolve) => setTimeout(resolve, 5)) },
    { id: 'b', kind: 'code', needs: ['a'], run: ({ run }) => run.id },
  ],
});

async function open(path: string): Promise<Errand> {
  const errand = await createErrand({ data: path, workflows: [slow], monthlyCredits: 10_000, maxActiveRuns: 10 });
  opened.push(errand);
  return errand;
}

async function tamper(sql: string): Promise<void> {
  const { DatabaseSync } = await loadBinding();
  const db = new DatabaseSync(join(data, 'errand.db'));
  db.exec(sql);
  db.close();
}

async function faultsOf(path = data): Promise<Record<string, readonly string[]>> {
  const inspections = await examine({ data: path, sample: null });
  return Object.fromEntries(inspections.map(({ name, faults }) => [name, faults]));
}

const HEALTHY = { file: [], ledger: [], reservations: [], counts: [], runs: [], handlers: [] };

describe('a backup', () => {
  it('made in the middle of work holds what was acknowledged, is whole, and goes on where it was', async () => {
    const errand = await open(data);
    const ids: string[] = [];
    for (let n = 0; n < 60; n += 1) ids.push((await errand.runWorkflow('slow')).id);
    const file = join(folder, 'backups', 'one.backup');
    const more = Promise.all(Array.from({ length: 60 }, () => errand.runWorkflow('slow')));
    await backUp({ data, file });
    await more;
    expect(readdirSync(join(folder, 'backups'))).toEqual(['one.backup']);

    const restored = join(folder, 'restored');
    await restore({ file, data: restored });
    expect(await faultsOf(restored)).toEqual(HEALTHY);
    const again = await open(restored);
    for (const id of ids) expect(await again.waitForRun(id)).toMatchObject({ status: 'completed', output: id });
    const { total } = await again.listRuns();
    while ((await again.getCredits()).reserved > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await again.getCredits()).toMatchObject({ reserved: 0, usedThisMonth: 2 * total });
    expect(await faultsOf(restored)).toEqual(HEALTHY);
  });

  it('holds the code of the workflows', async () => {
    const workflows = join(folder, 'workflows');
    mkdirSync(workflows);
    writeFileSync(join(workflows, 'hello.mjs'), 'export default () => "hello";');
    writeFileSync(
      join(workflows, 'hello.yaml'),
      'id: hello\nname: H\ndescription: h\nnodes:\n  - { id: a, kind: code, uses: ./hello.mjs }\n',
    );
    const settings = { port: 0, dataDir: data, workflowsDir: workflows, logLevel: 'silent' } as const;
    const server = await startServer(settings);
    const file = join(folder, 'one.backup');
    await backUp({ data, file });
    await server.close();
    const restored = join(folder, 'restored');
    await restore({ file, data: restored });
    // What a start keeps for the next one can be made anew.
    const bundles = readdirSync(join(data, 'handlers')).filter((name) => !name.endsWith('.json'));
    expect(readdirSync(join(restored, 'handlers'))).toEqual(bundles);
    expect(bundles).toHaveLength(1);
    expect(await faultsOf(restored)).toEqual(HEALTHY);

    const [bundle = ''] = bundles;
    writeFileSync(join(restored, 'handlers', bundle), 'export default () => "other";');
    expect((await faultsOf(restored))['handlers']).toEqual([`the bundle ${bundle} is not what it was`]);
    rmSync(join(restored, 'handlers', bundle));
    expect((await faultsOf(restored))['handlers']).toEqual([`the bundle ${bundle} is missing`]);
  });

  it('takes nothing that an interrupted one has left for a part of its own', async () => {
    const errand = await open(data);
    await errand.runWorkflow('slow');
    const file = join(folder, 'one.backup');
    const restored = join(folder, 'restored');
    mkdirSync(restored);
    for (const end of ['', '-wal', '-journal']) {
      writeFileSync(`${file}.partial${end}`, 'left');
      writeFileSync(join(restored, `errand.db.partial${end}`), 'left');
    }
    await backUp({ data, file });
    await restore({ file, data: restored });
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'one.backup', 'restored']);
    expect(readdirSync(restored).filter((name) => name.includes('partial'))).toEqual([]);
    expect(await faultsOf(restored)).toEqual(HEALTHY);
  });

  it('with code that is not what it was is restored without that code, and says so', async () => {
    const errand = await open(data);
    await errand.runWorkflow('slow');
    mkdirSync(join(data, 'handlers'), { recursive: true });
    const bundle = `${'a'.repeat(64)}.mjs`;
    writeFileSync(join(data, 'handlers', bundle), 'cut sho');
    const file = join(folder, 'one.backup');
    await backUp({ data, file });
    const restored = join(folder, 'restored');
    expect(await restore({ file, data: restored })).toEqual({ movedTo: null, damagedBundles: [bundle] });
    expect(await faultsOf(restored)).toEqual(HEALTHY);
  });

  it('and the data that it is of, and that is made of it, are for their owner alone', async () => {
    const modes = (path: string): string[] =>
      readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((name) => (statSync(join(path, name)).mode & 0o077) !== 0)
        .toSorted();
    // A folder that was there before, with data that an older Errand has left open to all.
    mkdirSync(join(data, 'handlers'), { recursive: true, mode: 0o755 });
    for (const name of ['errand.db', 'secret.key', 'handlers/x.mjs'])
      writeFileSync(join(data, name), '', { mode: 0o644 });
    const warnings: string[] = [];
    const tell = (_fields: object, message: string): void => void warnings.push(message);
    const logger = { ...silentLogger, warn: tell };
    const errand = await createErrand({ data, workflows: [slow], logger });
    opened.push(errand);
    await errand.runWorkflow('slow');
    expect(modes(data)).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(`Let them stay out: chmod 700 ${data}`)]);
    await backUp({ data, file: join(folder, 'backups', 'one.backup') });
    // As one that was made by an older Errand.
    chmodSync(join(folder, 'backups', 'one.backup'), 0o644);
    await restore({ file: join(folder, 'backups', 'one.backup'), data: join(folder, 'restored') });
    expect(modes(folder)).toEqual(['backups/one.backup', 'data']);
  });

  it('passes over code that the server removes meanwhile', async () => {
    const errand = await open(data);
    await errand.runWorkflow('slow');
    mkdirSync(join(data, 'handlers'), { recursive: true });
    // Listed, and not there when it is read.
    symlinkSync(join(folder, 'gone'), join(data, 'handlers', `${'a'.repeat(64)}.mjs`));
    const file = join(folder, 'one.backup');
    await backUp({ data, file });
    const restored = join(folder, 'restored');
    await restore({ file, data: restored });
    expect(await faultsOf(restored)).toEqual(HEALTHY);
  });

  it('replaces nothing, and is not restored over data', async () => {
    const errand = await open(data);
    await errand.close();
    const file = join(folder, 'one.backup');
    await backUp({ data, file });
    await expect(backUp({ data, file })).rejects.toMatchObject({ code: 'conflict' });
    await expect(backUp({ data: join(folder, 'nothing'), file })).rejects.toMatchObject({ code: 'not_found' });
    await expect(restore({ file, data })).rejects.toMatchObject({ code: 'conflict' });
    writeFileSync(join(folder, 'damaged'), readFileSync(file).subarray(0, 20_000));
    const before = readFileSync(join(data, 'errand.db'));
    await expect(restore({ file: join(folder, 'damaged'), data, replace: true })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    expect(readFileSync(join(data, 'errand.db'))).toEqual(before);
    await expect(restore({ file: join(folder, 'nothing'), data })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that is damaged, cut short or none at all is not restored, and nothing is left behind', async () => {
    const errand = await open(data);
    for (let n = 0; n < 50; n += 1) await errand.runWorkflow('slow');
    await errand.close();
    const file = join(folder, 'one.backup');
    await backUp({ data, file });
    const restored = join(folder, 'restored');
    const whole = readFileSync(file);
    const refused = async (content: Buffer | string): Promise<void> => {
      writeFileSync(file, content);
      await expect(restore({ file, data: restored })).rejects.toMatchObject({ code: 'invalid_input' });
      expect(readdirSync(restored).filter((name) => name !== 'handlers' && !name.includes('.lock'))).toEqual([]);
    };
    await refused(whole.subarray(0, whole.length / 2));
    const scratched = Buffer.from(whole);
    scratched.fill(0xaa, 8_192, 5 * 8_192);
    await refused(scratched);
    await refused('this is no database');
    await refused(readFileSync(join(data, 'errand.db')));
    writeFileSync(file, whole);
    await restore({ file, data: restored });
    expect(await faultsOf(restored)).toEqual(HEALTHY);
  });
});

describe('the doctor', () => {
  it('finds nothing wrong while a server is at work, and after retries and removed runs', async () => {
    const errand = await open(data);
    const runs = await Promise.all(Array.from({ length: 30 }, () => errand.runWorkflow('slow')));
    for (const { id } of runs.slice(0, 10)) await errand.cancelRun(id).catch(() => undefined);
    expect(await faultsOf()).toEqual(HEALTHY);
    for (const { id } of runs.slice(0, 5)) await errand.retryRun(id).catch(() => undefined);
    expect(await faultsOf()).toEqual(HEALTHY);
    for (const { id } of runs) await errand.waitForRun(id);
    await errand.close();
    expect(await faultsOf()).toEqual(HEALTHY);
  });

  it('finds accounts, reservations, counts and records that do not add up', async () => {
    const errand = await open(data);
    const { id } = await errand.runWorkflow('slow');
    await errand.waitForRun(id);
    await errand.close();
    await tamper("UPDATE credit_accounts SET reserved = 7; UPDATE run_counts SET count = 3 WHERE status = 'completed'");
    await tamper(`UPDATE runs SET credits_consumed = 1 WHERE id = '${id}'`);
    const faults = await faultsOf();
    expect(faults['ledger']?.[0]).toMatch(
      /the account says 7 reserved, 2 used and 0 of top-ups, the ledger adds up to 0, 2 and 0/,
    );
    expect(faults['reservations']?.[0]).toMatch(/7 are reserved, its runs hold 0/);
    expect(faults['counts']?.[0]).toMatch(/workflow slow, completed: 3 are counted, there are 1/);
    expect(faults['runs']).toEqual([`run ${id}: its record is not what its log comes to`]);
    await tamper(`DELETE FROM run_log WHERE run_id = '${id}' AND last_seq > 1`);
    expect((await faultsOf())['runs']?.[0]).toMatch(/its record is at version \d+, its log at 1/);
  });

  it('tells by its exit code, in words and as JSON', { timeout: 30_000 }, async () => {
    const errand = await open(data);
    await errand.runWorkflow('slow');
    await errand.close();
    const well = await runCommand(['doctor', '--data', data]);
    expect([well.code, well.out]).toEqual([0, expect.stringMatching(/^file +ok +every page\nledger +ok/)]);
    const file = join(folder, 'one.backup');
    expect((await runCommand(['backup', file, '--data', data])).code).toBe(0);
    expect((await runCommand(['restore', file, '--data', join(folder, 'r'), '--json'])).code).toBe(0);
    await tamper('UPDATE credit_accounts SET used = 99');
    const ill = await runCommand(['doctor', '--data', data, '--all', '--json']);
    expect(ill.code).toBe(1);
    expect(JSON.parse(ill.out)).toMatchObject({ healthy: false });
    expect((await runCommand(['doctor', '--data', join(folder, 'nothing')])).code).toBe(1);
  });
});

describe('a data file that is damaged', () => {
  it('is refused at the start with what is wrong and what to do', async () => {
    const errand = await open(data);
    for (let n = 0; n < 50; n += 1) await errand.runWorkflow('slow');
    await errand.close();
    const path = join(data, 'errand.db');
    const whole = readFileSync(path);
    truncateSync(path, statSync(path).size - 8_192);
    const refused = {
      code: 'unavailable',
      message: expect.stringMatching(/is damaged: it has \d+ bytes and should have \d+.*errand doctor.*errand restore/),
    };
    await expect(open(data)).rejects.toMatchObject(refused);
    writeFileSync(path, 'this is no database, but it is quite long for that');
    await expect(open(data)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('or it is damaged'),
    });
    expect((await faultsOf())['file']).toEqual(['file is not a database']);
    const scratched = Buffer.from(whole);
    scratched.fill(0xaa, 8_192, whole.length);
    writeFileSync(path, scratched);
    await expect(open(data)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('is damaged'),
    });
    expect((await faultsOf())['file']?.length).toBeGreaterThan(0);
    writeFileSync(path, whole);
    const again = await open(data);
    expect((await again.listRuns()).total).toBe(50);
  });
});
