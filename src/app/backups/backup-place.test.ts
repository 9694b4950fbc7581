import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupName } from './backup-names.js';
import { FolderPlace, pruneBackups } from './backup-place.js';
import { findBackup } from './find-backup.js';

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 10, 1, 10, 15, 0);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-backups-'));
  for (const days of [1, 0, 2]) writeFileSync(join(folder, backupName(FIRST + days * DAY)), '');
  for (const other of ['mine.backup', 'errand-20261101T101500Z.backup.partial', 'errand-yesterday.backup']) {
    writeFileSync(join(folder, other), '');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder of backups', () => {
  it('lists those of the server by their moments, oldest first', async () => {
    const found = await new FolderPlace(folder).list();
    expect(found.map(({ name }) => name)[0]).toBe('errand-20261101T101500Z.backup');
    expect(found.map(({ at }) => at)).toEqual([FIRST, FIRST + DAY, FIRST + 2 * DAY]);
    expect(await new FolderPlace(join(folder, 'none')).list()).toEqual([]);
  });

  it('loses all but the newest, and nothing that is not the server’s', async () => {
    const place = new FolderPlace(folder);
    const [oldest, second] = (await place.list()).map(({ name }) => name);
    expect(await pruneBackups(place, 1)).toEqual([oldest, second]);
    expect(readdirSync(folder)).toHaveLength(4);
    expect(await pruneBackups(place, 5)).toEqual([]);
  });

  it('has a backup for each moment since its oldest', async () => {
    const find = async (path: string, at: number | null): Promise<string> =>
      (await findBackup({ path, at, env: {}, scratch: () => Promise.reject(new Error('nothing is fetched')) })).file;
    const [, second, third] = (await new FolderPlace(folder).list()).map(({ name }) => join(folder, name));
    expect(await find(folder, null)).toBe(third);
    expect(await find(folder, FIRST + 2 * DAY - 1)).toBe(second);
    await expect(find(folder, FIRST - 1)).rejects.toThrow('the oldest in it is of 2026-11-01T10:15:00.000Z');
    const mine = join(folder, 'mine.backup');
    expect(await find(mine, null)).toBe(mine);
    await expect(find(mine, FIRST)).rejects.toThrow('name the folder');
    await expect(find(join(folder, 'none'), null)).rejects.toThrow('There is no file');
  });
});
