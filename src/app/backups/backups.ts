import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import { builtFile } from '../../isolation/worker-file.js';
import { backupName } from './backup-names.js';
import { pruneBackups, type BackupPlace } from './backup-place.js';
import type { BackupOrder, S3Target } from './backup-program.js';

export interface BackupsOptions {
  readonly data: string;
  /** Where they are put; a folder is made when missing. */
  readonly place: BackupPlace;
  /** Of a bucket, how it is reached; null for a folder. */
  readonly s3: S3Target | null;
  readonly everyMs: number;
  /** How many are kept. */
  readonly keep: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** In the data folder, where there is room for another copy of it: what is on its way to a bucket. */
const UNDER_WAY = 'backup-under-way';
/** After one that failed. */
const AGAIN_MS = 5 * 60_000;
/** The newest log lines of the program that are told. */
const MAX_SAID = 2_000;

/**
 * Backs the data up from time to time, each time in a process of its own, and keeps the newest. The time counts from
 * the newest backup in its place, whoever has started since.
 */
export class Backups {
  readonly #options: BackupsOptions;
  #cancelNext: () => void = () => undefined;
  #child: ChildProcess | null = null;
  #pass: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock, place, everyMs } = this.#options;
    // What is wrong with the place shows when a backup is made.
    const newest = (await place.list().catch(() => [])).at(-1);
    this.#startIn(newest === undefined ? 0 : Math.max(0, newest.at + everyMs - clock.now()));
  }

  /** A backup that is being made is given up; the next start makes it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelNext();
    this.#child?.kill('SIGKILL');
    await this.#pass;
  }

  /** One backup, and what is to go after it. Throws when it cannot be made. */
  async runOnce(): Promise<string> {
    const { data, place, s3, keep, clock, logger } = this.#options;
    const name = backupName(clock.now());
    const underWay = join(data, UNDER_WAY);
    try {
      if (s3 !== null) await rm(underWay, { recursive: true, force: true });
      await this.#write({ data, folder: s3 === null ? place.address : underWay, name, s3 });
    } finally {
      if (s3 !== null) await rm(underWay, { recursive: true, force: true });
    }
    const file = s3 === null ? join(place.address, name) : place.address + name;
    const removed = await pruneBackups(place, keep).catch((error: unknown) => {
      logger.error({ error: errorMessage(error) }, 'Old backups could not be removed');
      return [];
    });
    logger.info({ file, removed: removed.length }, 'A backup was made');
    return file;
  }

  #startIn(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancelNext = this.#options.clock.schedule(delayMs, () => {
      this.#pass = this.#runAndGoOn();
    });
  }

  async #runAndGoOn(): Promise<void> {
    const { everyMs, place, logger } = this.#options;
    try {
      await this.runOnce();
      this.#startIn(everyMs);
    } catch (error) {
      if (!this.#stopped)
        logger.error({ place: place.address, error: errorMessage(error) }, 'No backup could be made; trying again');
      this.#startIn(Math.min(everyMs, AGAIN_MS));
    }
  }

  async #write(order: BackupOrder): Promise<void> {
    const program = builtFile('./backup-program.js', import.meta.url);
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child = child;
    // There are keys in it: arguments could be read by others.
    child.stdin.on('error', () => undefined).end(JSON.stringify(order));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-MAX_SAID)));
    const [code] = (await once(child, 'close')) as [number | null];
    this.#child = null;
    if (code !== 0) throw new Error(said === '' ? `the program ended with ${code}` : said);
  }
}
