import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { errorMessage } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import { builtFile } from '../../isolation/worker-file.js';
import { backupName, listBackups, pruneBackups } from './backup-folder.js';

export interface BackupsOptions {
  readonly data: string;
  /** Where they are put; made when missing. */
  readonly folder: string;
  readonly everyMs: number;
  /** How many are kept. */
  readonly keep: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After one that failed. */
const AGAIN_MS = 5 * 60_000;
/** The newest log lines of the program that are told. */
const MAX_SAID = 2_000;

/**
 * Backs the data up from time to time, each time in a process of its own, and keeps the newest. The time counts from
 * the newest backup in the folder, whoever has started since.
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
    const { clock, folder, everyMs } = this.#options;
    // What is wrong with the folder shows when a backup is made.
    const newest = (await listBackups(folder).catch(() => [])).at(-1);
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
    const { data, folder, keep, clock, logger } = this.#options;
    const file = join(folder, backupName(clock.now()));
    await this.#write(data, file);
    const removed = await pruneBackups(folder, keep);
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
    const { everyMs, folder, logger } = this.#options;
    try {
      await this.runOnce();
      this.#startIn(everyMs);
    } catch (error) {
      if (!this.#stopped) logger.error({ folder, error: errorMessage(error) }, 'No backup could be made; trying again');
      this.#startIn(Math.min(everyMs, AGAIN_MS));
    }
  }

  async #write(data: string, file: string): Promise<void> {
    const program = builtFile('./backup-program.js', import.meta.url);
    const child = spawn(process.execPath, [program, data, file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-MAX_SAID)));
    const [code] = (await once(child, 'close')) as [number | null];
    this.#child = null;
    if (code !== 0) throw new Error(said === '' ? `the program ended with ${code}` : said);
  }
}
