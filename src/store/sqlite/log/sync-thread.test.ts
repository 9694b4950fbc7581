import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  await thread.sync(fd);
});
afterEach(async () => {
  await thread.end();
  closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

describe('SyncThread', () => {
  it('tells of each sync once, and how long the disk took', async () => {
    for (let n = 0; n < 500; n += 1) {
      writeSync(fd, 'x');
      const from = performance.now();
      const syncing = thread.sync(fd);
      expect(thread.isBusy).toBe(true);
      const tookMs = await syncing;
      expect(tookMs).toBeGreaterThanOrEqual(0);
      expect(tookMs).toBeLessThanOrEqual(performance.now() - from);
      expect(thread.isBusy).toBe(false);
    }
  });

  // Only Linux has a device that refuses every sync.
  it.skipIf(process.platform !== 'linux')('says what failed, and syncs what comes next', async () => {
    const device = openSync('/dev/null', 'w');
    await expect(thread.sync(device)).rejects.toMatchObject({ name: 'DiskError', code: 'EINVAL' });
    closeSync(device);
    await expect(thread.sync(fd)).resolves.toBeTypeOf('number');
  });

  it('refuses what is asked of it after its end', async () => {
    await thread.end();
    expect([ended, thread.isReady]).toEqual([1, false]);
    await expect(thread.sync(fd)).rejects.toThrow('has ended');
  });

  it('keeps a process alive until its end has been waited for, however late the answer to a sync comes', () => {
    const built = fileURLToPath(new URL('../../../../dist/store/sqlite/log/sync-thread.js', import.meta.url));
    // The answer has come, and is read after the end was asked for: nothing else keeps this process alive.
    const program = `
      import { SyncThread } from ${JSON.stringify(built)};
      for (let n = 0; n < 10; n += 1) {
        const thread = new SyncThread({ onEnd() {} });
        while (!thread.isReady) await new Promise((resolve) => setTimeout(resolve, 1));
        thread.sync(3).catch(() => undefined);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 + n);
        await thread.end();
      }
      console.log('ended');`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', fd],
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ended\n' });
  });
});
