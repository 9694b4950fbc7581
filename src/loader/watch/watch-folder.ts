import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { NodeKind } from '../../core/handlers/node-kind.js';
import { isIgnored } from '../find-workflow-files.js';
import { type LoadedFolder, loadFolder } from '../load-folder.js';
import { findWatchedFolders, type WatchedFolders } from './watched-folders.js';

export interface FolderWatch {
  /** Ends watching; no callback starts after it resolves. */
  close(): Promise<void>;
}

interface WatchParams {
  readonly dir: string;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  readonly dataDir: string;
  /** What was loaded before; the first callback is for what differs from it. */
  readonly initial: LoadedFolder;
  /** Called with each outcome that differs from the one before, one call at a time. What it throws goes to `onError`. */
  readonly onChange: (loaded: LoadedFolder) => void | Promise<void>;
  /** Lends the time from the reading of the files to the end of `onChange`: nothing else is done in it. */
  readonly exclusively?: (work: () => Promise<void>) => Promise<void>;
  readonly onError?: (error: unknown) => void;
  /** How long the files must be quiet before they are read; 100 ms when not given. */
  readonly quietMs?: number;
}

/**
 * Watches a folder of workflows, and every file outside it that went into a handler.
 *
 * Folders are watched, not files: so files that editors replace by renaming, and files that are not there yet, are seen. When a watched
 * folder is missing, the nearest folder above it that exists is watched instead. Each event leads to a new look at which folders there are,
 * so nothing has to be known of what an event means.
 */
export function watchFolder(params: WatchParams): FolderWatch {
  const watcher = new FolderWatcher(params);
  watcher.look();
  return watcher;
}

/** While files go on changing they are read at least this often. */
const MAX_WAIT_MS = 1_000;

class FolderWatcher implements FolderWatch {
  readonly #params: WatchParams;
  readonly #watchers = new Map<string, FSWatcher>();
  #folders: WatchedFolders = new Map();
  #files: readonly string[];
  #seen: string;
  #timer: NodeJS.Timeout | null = null;
  #firstEventAt = 0;
  #working: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(params: WatchParams) {
    this.#params = params;
    this.#files = params.initial.files;
    this.#seen = fingerprint(params.initial);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Reads the folder, now or once the look that is under way has ended. */
  look(): void {
    this.#timer = null;
    if (this.#closed) return;
    if (this.#working !== null) {
      this.#again = true;
      return;
    }
    const { exclusively } = this.#params;
    const working = exclusively === undefined ? this.#lookOnce() : exclusively(() => this.#lookOnce());
    this.#working = working
      .catch((error: unknown) => this.#params.onError?.(error))
      .finally(() => {
        this.#working = null;
        if (this.#again) this.#schedule();
        this.#again = false;
      });
  }

  #schedule(): void {
    if (this.#closed) return;
    const now = performance.now();
    if (this.#timer === null) this.#firstEventAt = now;
    else if (now - this.#firstEventAt > MAX_WAIT_MS) return;
    else clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), this.#params.quietMs ?? 100);
  }

  async #lookOnce(): Promise<void> {
    const { dir, kinds, dataDir, onChange } = this.#params;
    // Watched first, read then: a change in between is seen.
    await this.#watchFolders();
    const loaded = await loadFolder({ dir, kinds, dataDir });
    // A file that cannot be read just now does not tell what it imports: go by what was known.
    this.#files = loaded.faults.length === 0 ? loaded.files : [...new Set([...this.#files, ...loaded.files])];
    if (await this.#watchFolders()) this.#again = true;
    const seen = fingerprint(loaded);
    if (this.#closed || seen === this.#seen) return;
    this.#seen = seen;
    await onChange(loaded);
  }

  /** Whether there are folders that were not watched before. */
  async #watchFolders(): Promise<boolean> {
    const { dir, dataDir } = this.#params;
    this.#folders = await findWatchedFolders({ dir, dataDir, files: this.#files });
    for (const [folder, watcher] of this.#watchers) {
      if (this.#folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    const added = [...this.#folders.keys()].filter((folder) => !this.#watchers.has(folder));
    for (const folder of added) this.#watchOne(folder);
    return added.length > 0;
  }

  #watchOne(folder: string): void {
    if (this.#closed) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // A folder that is deleted, or replaced by another, tells its own name; its watch is of no use any more.
        if (name === basename(folder)) this.#forget(folder, watcher);
        if (this.#concerns(folder, name)) this.#schedule();
      });
      watcher.on('error', () => {
        this.#forget(folder, watcher);
        this.#schedule();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // Gone since it was found, or the system allows no more watches.
      this.#params.onError?.(error);
    }
  }

  #forget(folder: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
  }

  #concerns(folder: string, name: string | null): boolean {
    if (name === null || name === basename(folder)) return true;
    const names = this.#folders.get(folder);
    if (names instanceof Set) return names.has(name);
    // The rest are temporary files of editors.
    return !isIgnored(name) && !name.endsWith('~');
  }
}

/** The same for outcomes that mean the same. */
function fingerprint({ workflows, faults, resources, mcpServers, models }: LoadedFolder): string {
  const hashes = workflows.map(({ file, hash }) => [file, hash]);
  const { providers, aliases, prices } = models;
  return JSON.stringify([hashes, faults, [...resources], [...mcpServers], [...providers], [...aliases], [...prices]]);
}
