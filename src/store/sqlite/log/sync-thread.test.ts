import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SyncThread } from './sync-thread.js';

let folder: string;
let fd: number;
let ended: number;
let thread: SyncThread;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-sync-'));
  fd = openSync(join(folder, 'file'), 'w');
  ended = 0;
  thread = new SyncThread({ onEnd: () => (ended += 1) });
  await thread.sync(fd, 0);
});
afterEach(async () => {
  await thread.end();
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

const LONG_MS = 10_000;

describe('SyncThread', () => {
  it('has synced when it returns to who waits long enough', () => {
    for (let n = 0; n < 100; n += 1) {
      writeSync(fd, 'x');
      expect(thread.sync(fd, LONG_MS)).toBeNull();
    }
  });

  it('tells of each sync once, however it was waited for before', async () => {
    let told = 0;
    for (let n = 0; n < 2_000; n += 1) {
      // Some are done while they are waited for, some just after, and some later.
      await thread.sync(fd, (n % 5) * 0.02);
      expect(thread.isBusy).toBe(false);
      told += 1;
    }
    expect(told).toBe(2_000);
  });

  // Only Linux has a device that refuses every sync.
  it.skipIf(process.platform !== 'linux')('says what failed, to those who wait and those who do not', async () => {
    const device = openSync('/dev/null', 'w');
    for (const waitMs of [LONG_MS, 0]) {
      await expect(thread.sync(device, waitMs)).rejects.toMatchObject({ name: 'DiskError', code: 'EINVAL' });
    }
    closeSync(device);
    expect(thread.sync(fd, LONG_MS)).toBeNull();
  });

  it('refuses what is asked of it after its end', async () => {
    await thread.end();
    expect([ended, thread.isReady]).toEqual([1, false]);
    await expect(thread.sync(fd, 1)).rejects.toThrow('has ended');
  });
});
