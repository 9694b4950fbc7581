import { type FSWatcher, statSync, watch as watchPath } from 'node:fs';
import { basename } from 'node:path';
import { isIgnored } from '../find-workflow-files.js';
import type { WatchedFolders } from './watched-folders.js';

interface Watched {
  readonly watcher: FSWatcher;
  /** Which folder was at the path: a link may lead to another since, and a folder may have been replaced. */
  readonly identity: string;
}

/** Lets the system tell of changes in folders, as far as it can. What it does not tell, nobody relies on. */
export class FolderWatches {
  readonly #onEvent: () => void;
  readonly #onRefused: (error: unknown) => void;
  readonly #watch: typeof watchPath;
  readonly #watched = new Map<string, Watched>();
  #folders: WatchedFolders = new Map();
  #isRefused = false;

  /** `onRefused`: the system allows no more watches; called once until it allows all of them again. */
  constructor(params: {
    readonly onEvent: () => void;
    readonly onRefused: (error: unknown) => void;
    readonly watch?: typeof watchPath;
  }) {
    this.#onEvent = params.onEvent;
    this.#onRefused = params.onRefused;
    this.#watch = params.watch ?? watchPath;
  }

  /** Watches these folders from now on, and no others. */
  set(folders: WatchedFolders): void {
    this.#folders = folders;
    for (const [folder, { identity }] of this.#watched) {
      if (!folders.has(folder) || identityOf(folder) !== identity) this.#forget(folder);
    }
    let refusal: unknown = null;
    for (const folder of folders.keys()) {
      if (!this.#watched.has(folder)) refusal = this.#watchOne(folder) ?? refusal;
    }
    if (refusal !== null && !this.#isRefused) this.#onRefused(refusal);
    this.#isRefused = refusal !== null;
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** Gives the error with which the system refuses. */
  #watchOne(folder: string): unknown {
    const identity = identityOf(folder);
    // Gone since it was found.
    if (identity === null) return null;
    try {
      const watcher = this.#watch(folder, { persistent: false }, (_event, name) => {
        // A folder that is deleted, or replaced by another, tells its own name; its watch is of no use any more.
        if (name === basename(folder)) this.#forget(folder, watcher);
        if (this.#concerns(folder, name)) this.#onEvent();
      });
      watcher.on('error', () => {
        this.#forget(folder, watcher);
        this.#onEvent();
      });
      this.#watched.set(folder, { watcher, identity });
      return null;
    } catch (error) {
      return identityOf(folder) === null ? null : error;
    }
  }

  #forget(folder: string, watcher = this.#watched.get(folder)?.watcher): void {
    watcher?.close();
    if (this.#watched.get(folder)?.watcher === watcher) this.#watched.delete(folder);
  }

  #concerns(folder: string, name: string | null): boolean {
    if (name === null || name === basename(folder)) return true;
    const names = this.#folders.get(folder);
    if (names instanceof Set) return names.has(name);
    // The rest are temporary files of editors.
    return !isIgnored(name) && !name.endsWith('~');
  }
}

/** Null for what is not there. */
function identityOf(folder: string): string | null {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev} ${found.ino}`;
}
