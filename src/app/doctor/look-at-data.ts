import { existsSync, statSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DATABASE, examine } from '../assembly/data-folder.js';
import { FolderPlace, S3BackupPlace } from '../backups/backup-place.js';
import { isS3Address, readS3Place } from '../backups/s3/read-s3-place.js';
import type { Config } from '../config/config.js';
import { networkFileSystemAt } from '../process/network-file-system.js';
import { errorMessage } from '../../core/errors.js';
import type { Findings } from './finding.js';

/** How many runs are held against their logs: `errand doctor --all` looks at all. */
const SAMPLE = 200;
const SYNCS = 16;
/** Each commit waits for one sync, and a run has a few commits. */
const SLOW_SYNC_MS = 20;
const MIN_FREE_BYTES = 1024 ** 3;

/** The data folder, where it is on this machine: room, speed, who may read it, and whether it adds up. */
export async function lookAtData(config: Config, findings: Findings): Promise<void> {
  if (!(await lookAtFolder(config, findings))) return;
  const { dataDir } = config;
  for (const { name, looked, faults } of await examine({ data: dataDir, sample: SAMPLE })) {
    if (faults.length === 0) findings.add('ok', name, looked);
    for (const fault of faults) {
      const hint = `Look closer: errand doctor --data ${dataDir} --all. Go back to a backup: errand restore.`;
      findings.add('fault', name, `${fault}. ${hint}`);
    }
  }
}

/** Room, speed, and who may read it: nothing that takes longer where there is more data. Whether there is any. */
export async function lookAtFolder({ dataDir, databaseUrl }: Config, findings: Findings): Promise<boolean> {
  if (databaseUrl !== null) return false;
  const path = join(dataDir, DATABASE);
  if (!existsSync(path)) {
    findings.add(
      'warning',
      'data',
      `not looked at: there is none in ${dataDir}. Set ERRAND_DATA where the server runs.`,
    );
    return false;
  }
  const network = networkFileSystemAt(dataDir);
  if (network !== null) {
    const message = `${dataDir} is on ${network}, on which SQLite cannot rely: move it to a disk of this machine.`;
    findings.add('fault', 'disk', message);
  }
  if ((statSync(dataDir).mode & 0o077) !== 0) {
    findings.add('warning', 'data', `others may look into ${dataDir}: chmod 700 ${dataDir}`);
  }
  await lookAtRoom(dataDir, statSync(path).size, findings);
  await lookAtSpeed(dataDir, findings);
  return true;
}

async function lookAtRoom(folder: string, size: number, findings: Findings): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = Math.max(MIN_FREE_BYTES, size);
  const said = `${toGigabytes(free)} GB are free beside ${toGigabytes(size)} GB of data`;
  if (free >= needed) findings.add('ok', 'room', said);
  else findings.add('warning', 'room', `${said}. Make room, or have old runs removed: ERRAND_KEEP_RUNS_FOR.`);
}

function toGigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

/** The median of a few writes that are synced, as commits are. */
async function lookAtSpeed(folder: string, findings: Findings): Promise<void> {
  const path = join(folder, `doctor-${process.pid}.tmp`);
  const took: number[] = [];
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      for (let count = 0; count < SYNCS; count += 1) {
        const begun = performance.now();
        await file.write(Buffer.alloc(4_096), 0, 4_096, count * 4_096);
        await file.datasync();
        took.push(performance.now() - begun);
      }
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  } catch (error) {
    findings.add('fault', 'disk', `${folder} cannot be written: ${errorMessage(error)}.`);
    return;
  }
  const median = took.toSorted((one, other) => one - other)[SYNCS / 2] ?? 0;
  const said = `a write is on disk after ${median.toFixed(1)} ms (median)`;
  if (median <= SLOW_SYNC_MS) findings.add('ok', 'disk', said);
  else findings.add('warning', 'disk', `${said}, and every commit waits for one. Put the data on a local disk or SSD.`);
}

/** When the newest backup was made, if that is known, and whether that is as often as it should be. */
export async function lookAtBackups(config: Config, now: number, findings: Findings): Promise<number | null> {
  const { backupTo, backupEveryMs, databaseUrl } = config;
  if (databaseUrl !== null) return null;
  if (backupTo === null) {
    findings.add('warning', 'backups', 'the server makes none. Set ERRAND_BACKUP_TO, or have errand backup run.');
    return null;
  }
  try {
    const place = isS3Address(backupTo)
      ? new S3BackupPlace(readS3Place(backupTo, config), config.environment)
      : new FolderPlace(backupTo);
    const newest = (await place.list()).at(-1);
    const tryIt = `Try one: errand drill ${place.address}`;
    if (newest === undefined)
      findings.add('fault', 'backups', `there is none in ${place.address}. See the server's log.`);
    else {
      const said = `the newest in ${place.address} is of ${new Date(newest.at).toISOString()}`;
      const isLate = now - newest.at > 2 * backupEveryMs;
      if (isLate) findings.add('fault', 'backups', `${said}, which is too old. The server's log says why.`);
      else findings.add('ok', 'backups', `${said}. ${tryIt}`);
    }
    return newest?.at ?? null;
  } catch (error) {
    findings.add('fault', 'backups', errorMessage(error));
    return null;
  }
}
