import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_MOMENT, SyncThread, type SyncMoment } from './sync-thread.js';

let folder: string;
let fd: number;
let ended: number;
let thread: SyncThread;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-sync-'));
  fd = openSync(join(folder, 'file'), 'w');
  ended = 0;
  thread = new SyncThread({ onEnd: () => (ended += 1) });
  await thread.sync(fd);
});
afterEach(async () => {
  await thread.end();
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

const LONG: SyncMoment = { waitMs: 10_000, awakeMs: 0 };
const LONG_AWAKE: SyncMoment = { waitMs: 10_000, awakeMs: 10_000 };

describe('SyncThread', () => {
  it('has synced when it returns to who waits long enough', () => {
    for (let n = 0; n < 100; n += 1) {
      writeSync(fd, 'x');
      expect(thread.sync(fd, n % 2 === 0 ? LONG : LONG_AWAKE)).toBeNull();
    }
  });

  it('syncs once what it was told to expect, and whatever is asked of it when that never comes', async () => {
    for (let n = 0; n < 200; n += 1) {
      thread.expect();
      if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, n % 2));
      writeSync(fd, 'x');
      if (n % 4 === 0) thread.expect();
      expect(thread.sync(fd, LONG)).toBeNull();
      if (n % 5 === 0) thread.expect();
    }
    expect(thread.isBusy).toBe(false);
  });

  it('tells of each sync once, however it was waited for before', async () => {
    let told = 0;
    for (let n = 0; n < 2_000; n += 1) {
      // Some are done while they are waited for, some just after, and some later.
      const waitMs = (n % 5) * 0.02;
      await thread.sync(fd, { waitMs, awakeMs: n % 2 === 0 ? 0 : waitMs });
      expect(thread.isBusy).toBe(false);
      told += 1;
    }
    expect(told).toBe(2_000);
  });

  // Only Linux has a device that refuses every sync.
  it.skipIf(process.platform !== 'linux')('says what failed, to those who wait and those who do not', async () => {
    const device = openSync('/dev/null', 'w');
    for (const moment of [LONG, LONG_AWAKE, NO_MOMENT]) {
      await expect(thread.sync(device, moment)).rejects.toMatchObject({ name: 'DiskError', code: 'EINVAL' });
    }
    closeSync(device);
    expect(thread.sync(fd, LONG)).toBeNull();
  });

  it('refuses what is asked of it after its end', async () => {
    await thread.end();
    expect([ended, thread.isReady]).toEqual([1, false]);
    await expect(thread.sync(fd, { waitMs: 1, awakeMs: 1 })).rejects.toThrow('has ended');
  });
});
