import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { wireOutbound } from '../config/wire-outbound.js';
import { silentLogger } from '../../core/ports/logger.js';
import { momentOfBackup } from './backup-names.js';
import { S3Bucket, type S3Place } from './s3/s3-bucket.js';

export interface PlacedBackup {
  readonly name: string;
  /** When it was begun, in epoch milliseconds. */
  readonly at: number;
}

/** Where the backups of a server are: a folder, or a bucket. */
export interface BackupPlace {
  /** As people name it. */
  readonly address: string;
  /** What the server has put there, oldest first. */
  list(): Promise<readonly PlacedBackup[]>;
  remove(name: string): Promise<void>;
}

type Proxies = { readonly [name: string]: string | undefined };

/** A folder that is not there is an empty one. */
export class FolderPlace implements BackupPlace {
  readonly address: string;

  constructor(folder: string) {
    this.address = folder;
  }

  async list(): Promise<readonly PlacedBackup[]> {
    const names = await readdir(this.address).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return placed(names);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.address, name), { force: true });
  }
}

export class S3BackupPlace implements BackupPlace {
  readonly address: string;
  readonly bucket: S3Bucket;

  /** `proxies`: where they are looked up. */
  constructor(place: S3Place, proxies: Proxies) {
    this.address = `s3://${place.bucket}/${place.prefix}`;
    this.bucket = new S3Bucket(place, wireOutbound({ env: proxies }, silentLogger));
  }

  async list(): Promise<readonly PlacedBackup[]> {
    return placed(await this.bucket.list());
  }

  remove(name: string): Promise<void> {
    return this.bucket.remove(name);
  }
}

function placed(names: readonly string[]): readonly PlacedBackup[] {
  return names
    .flatMap((name) => {
      const at = momentOfBackup(name);
      return at === null ? [] : [{ name, at }];
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Removes all but the newest `keep`; the names of those. */
export async function pruneBackups(place: BackupPlace, keep: number): Promise<readonly string[]> {
  const names = (await place.list()).map(({ name }) => name);
  const old = names.slice(0, Math.max(0, names.length - keep));
  for (const name of old) await place.remove(name);
  return old;
}
