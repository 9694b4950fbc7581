import type { watch } from 'node:fs';
import { resolve } from 'node:path';
import { type LoadedFolder, loadFolder, type LoadParams } from '../load-folder.js';
import { HandlerStore } from '../bundles/handler-store.js';
import { KeptModules } from '../kept/kept-modules.js';
import { FolderWatches } from './folder-watches.js';
import { hasChanged, type Stamps, takeStamps } from './stamps.js';
import { findWatchedFolders } from './watched-folders.js';

export interface FolderWatch {
  /** The first outcome. */
  readonly initial: LoadedFolder;
  /** Ends watching; no callback starts after it resolves. */
  close(): Promise<void>;
}

interface WatchParams extends LoadParams {
  /**
   * Called with each outcome that differs from the one before, one call at a time, the first included. What it throws
   * goes to `onError`.
   */
  readonly onChange: (loaded: LoadedFolder) => void | Promise<void>;
  /** Lends the time from the reading of the files to the end of `onChange`: nothing else is done in it. */
  readonly exclusively?: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onError?: (error: unknown) => void;
  /** The system allows no more watches, so that changes are found by looking only. */
  readonly onUnwatched?: (error: unknown) => void;
  /** How long the files must be quiet before they are read; 100 ms when not given. */
  readonly quietMs?: number;
  /** How often is looked whether anything has changed that nothing has told of; 1 s when not given. */
  readonly lookEveryMs?: number;
  /** The system's own when not given. */
  readonly watch?: typeof watch;
}

/**
 * Loads a folder of workflows, and follows its changes and those of every file outside it that went into a handler.
 * Resolves once the first outcome has been taken; rejects when it could not be.
 *
 * What the system tells of changes makes it quick: folders are watched, not files, so that files that editors replace
 * by renaming, and files that are not there yet, are seen. What makes it sure is a look, every second, at the times and
 * inodes of every file and folder concerned: links that lead elsewhere, folders above that are replaced, file systems
 * that tell nothing, a system without watches left.
 */
export async function watchFolder(params: WatchParams): Promise<FolderWatch> {
  const watcher = new FolderWatcher(params);
  const initial = await watcher.start();
  return { initial, close: () => watcher.close() };
}

/** While files go on changing they are read at least this often. */
const MAX_WAIT_MS = 1_000;
const LOOK_EVERY_MS = 1_000;
/** Where looking takes long, it is done less often: it must not take more than so much of the time. */
const SHARE_OF_TIME = 1 / 50;
const MAX_LOOK_EVERY_MS = 30_000;
/** How far the clocks of a file system and of this machine may be apart. */
const CLOCKS_DIFFER_MS = 2_000;

class FolderWatcher {
  readonly #params: WatchParams;
  readonly #watches: FolderWatches;
  #files: readonly string[] = [];
  #stamps: Stamps = new Map();
  #seen: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lookTimer: NodeJS.Timeout | null = null;
  #firstEventAt = 0;
  #working: Promise<void> | null = null;
  #again = false;
  #keeping = Promise.resolve();
  #closed = false;

  constructor(params: WatchParams) {
    this.#params = params;
    this.#watches = new FolderWatches({
      onEvent: () => this.#schedule(),
      onRefused: (error) => params.onUnwatched?.(error),
      ...(params.watch === undefined ? {} : { watch: params.watch }),
    });
  }

  async start(): Promise<LoadedFolder> {
    const working = this.#load();
    this.#finish(working);
    try {
      const initial = await working;
      this.#lookLater(0);
      return initial;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of [this.#timer, this.#lookTimer]) if (timer !== null) clearTimeout(timer);
    await this.#working;
    await this.#keeping;
    this.#watches.close();
  }

  /** Reads the folder once it is quiet. */
  #schedule(): void {
    if (this.#closed) return;
    const now = performance.now();
    if (this.#timer === null) this.#firstEventAt = now;
    else if (now - this.#firstEventAt > MAX_WAIT_MS) return;
    else clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reload(), this.#params.quietMs ?? 100);
  }

  /** Now, or once the reading that is under way has ended. */
  #reload(): void {
    this.#timer = null;
    if (this.#closed) return;
    if (this.#working !== null) this.#again = true;
    else this.#finish(this.#load().catch((error: unknown) => this.#params.onError?.(error)));
  }

  #finish(working: Promise<unknown>): void {
    const end = (): void => {
      this.#working = null;
      if (this.#again) this.#schedule();
      this.#again = false;
    };
    this.#working = working.then(end, end);
  }

  #load(): Promise<LoadedFolder> {
    const { exclusively } = this.#params;
    return exclusively === undefined ? this.#loadOnce() : exclusively(() => this.#loadOnce());
  }

  async #loadOnce(): Promise<LoadedFolder> {
    const { dir, kinds, dataDir, env, inspect, isolation, onChange } = this.#params;
    // Watched and looked at first, read then: a change in between is seen.
    const startedAt = Date.now();
    const before = await this.#lookAtAll();
    const kept = new KeptModules({ dir: resolve(dir), dataDir, store: new HandlerStore({ dataDir }) });
    // Of this process, the first time: what has changed meanwhile is made anew in any case.
    if (this.#seen === null) await kept.read();
    const loaded = await loadFolder({
      dir,
      kinds,
      dataDir,
      isolation,
      ...(env === undefined ? {} : { env }),
      ...(inspect === undefined ? {} : { inspect }),
      kept,
    });
    // A file that cannot be read just now does not tell what it imports: go by what was known.
    this.#files = loaded.faults.length === 0 ? loaded.files : [...new Set([...this.#files, ...loaded.files])];
    this.#stamps = await this.#lookAtAll();
    // What goes into handlers is not known before the first time: most of it has not changed for long.
    if (hasChanged(before, this.#stamps, this.#seen === null ? startedAt - CLOCKS_DIFFER_MS : 0)) this.#again = true;
    if (!this.#again) this.#keeping = this.#keeping.then(() => kept.write());
    const seen = fingerprint(loaded);
    if (this.#closed || seen === this.#seen) return loaded;
    this.#seen = seen;
    await onChange(loaded);
    return loaded;
  }

  async #lookAtAll(): Promise<Stamps> {
    const { dir, dataDir } = this.#params;
    const folders = await findWatchedFolders({ dir, dataDir, files: this.#files });
    if (!this.#closed) this.#watches.set(folders);
    const whole = [...folders].filter(([, names]) => names === 'all').map(([folder]) => folder);
    return takeStamps([resolve(dir), ...whole, ...this.#files]);
  }

  #lookLater(tookMs: number): void {
    if (this.#closed) return;
    const pauseMs = Math.max(this.#params.lookEveryMs ?? LOOK_EVERY_MS, tookMs / SHARE_OF_TIME);
    this.#lookTimer = setTimeout(() => void this.#look(), Math.min(pauseMs, MAX_LOOK_EVERY_MS)).unref();
  }

  /** Whether anything has changed, whoever may have told of it. */
  async #look(): Promise<void> {
    const startedAt = performance.now();
    if (this.#working === null) {
      const stamps = this.#stamps;
      const now = await takeStamps(stamps.keys());
      if (this.#working === null && stamps === this.#stamps && hasChanged(stamps, now)) this.#reload();
    }
    this.#lookLater(performance.now() - startedAt);
  }
}

/** The same for outcomes that mean the same. */
function fingerprint({ workflows, faults, resources, mcpServers, models }: LoadedFolder): string {
  const hashes = workflows.map(({ file, hash }) => [file, hash]);
  const { providers, aliases, prices } = models;
  return JSON.stringify([hashes, faults, [...resources], [...mcpServers], [...providers], [...aliases], [...prices]]);
}
