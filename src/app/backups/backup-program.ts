import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { backUp } from '../assembly/data-folder.js';
import { errorMessage } from '../../core/errors.js';
import { S3BackupPlace } from './backup-place.js';
import type { S3Place } from './s3/s3-bucket.js';

/** A bucket, and where proxies to it are looked up. */
export interface S3Target {
  readonly place: S3Place;
  readonly proxies: { readonly [name: string]: string | undefined };
}

/** What the program is told on its standard input. */
export interface BackupOrder {
  readonly data: string;
  /** Where the file is written. */
  readonly folder: string;
  readonly name: string;
  /** Where the file is put then, and removed from its folder; null: it stays. */
  readonly s3: S3Target | null;
}

/** Writes one backup, in a process beside the server. */
async function run(): Promise<void> {
  const { data, folder, name, s3 } = JSON.parse(await text(process.stdin)) as BackupOrder;
  const file = join(folder, name);
  await backUp({ data, file });
  if (s3 === null) return;
  await new S3BackupPlace(s3.place, s3.proxies).bucket.put(name, file);
  await rm(file, { force: true });
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(errorMessage(error));
    process.exit(1);
  },
);
