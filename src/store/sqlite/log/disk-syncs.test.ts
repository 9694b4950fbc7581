import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskSyncs } from './disk-syncs.js';

let folder: string;
let fd: number;
let syncs: DiskSyncs;
const late: unknown[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-syncs-'));
  fd = openSync(join(folder, 'file'), 'w');
  syncs = new DiskSyncs((error) => late.push(error));
});
afterEach(async () => {
  await syncs.end();
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

const threads = (): number => readdirSync('/proc/self/task').length;

describe('DiskSyncs', () => {
  it('syncs one after the other and side by side, through the start of a thread and after its end', async () => {
    let synced = 0;
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 100; n += 1) {
        writeSync(fd, 'x');
        await syncs.sync(fd);
        synced += 1;
      }
      await Promise.all([1, 2, 3, 4, 5, 6].map(async () => syncs.sync(fd)));
      await syncs.end();
    }
    expect([synced, late]).toEqual([200, []]);
  });

  // Only Linux has a device that refuses every sync.
  it.skipIf(process.platform !== 'linux')('says what failed, with the code of the system', async () => {
    const device = openSync('/dev/null', 'w');
    const codes = new Set<unknown>();
    const note = (error: unknown): unknown => codes.add((error as NodeJS.ErrnoException).code);
    for (let n = 0; n < 100; n += 1) await syncs.sync(device).catch(note);
    closeSync(device);
    expect([[...codes], late]).toEqual([['EINVAL'], []]);
  });

  // The threads of a process are counted in /proc, which only Linux has.
  it.skipIf(process.platform !== 'linux')('has no thread of its own for what is seldom', async () => {
    // Node's own are there from the first on.
    await syncs.sync(fd);
    const startedByFew = async (): Promise<number> => {
      await syncs.end();
      syncs = new DiskSyncs((error) => late.push(error));
      const before = threads();
      for (let n = 0; n < 20; n += 1) await syncs.sync(fd);
      return threads() - before;
    };
    // A machine that holds a sync up for a tenth of a second has one started.
    await expect.poll(startedByFew, { timeout: 20_000 }).toBe(0);
    const before = threads();
    for (let n = 0; n < 40; n += 1) await syncs.sync(fd);
    await expect.poll(threads).toBeGreaterThan(before);
    await syncs.end();
    await expect.poll(threads).toBeLessThanOrEqual(before);
  });
});
