import { readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the page, as it was built. */
export interface ConsoleFile {
  readonly type: string;
  readonly plain: Buffer;
  /** Null: it is not worth it. */
  readonly gzip: Buffer | null;
}

const TYPES: { readonly [extension: string]: string } = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** As the build names files, with what is in them: never a path. */
const NAME = /^[\w-]+(\.[\w-]+)+$/;

/**
 * The page and the files that it loads. They may be built anew, or be those of another version, while the server runs:
 * the page is the one that is there now, and a file that has been asked for once stays, for the pages that are open.
 */
export class ConsoleFiles {
  readonly #folder: string;
  readonly #read = new Map<string, ConsoleFile>();
  #page: { readonly text: string; readonly builtAt: number } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The page, but for the address that its own addresses begin with; the one before while a new one is being built. */
  get page(): string {
    const path = join(this.#folder, 'index.html');
    try {
      const { mtimeMs } = statSync(path);
      if (this.#page?.builtAt !== mtimeMs) this.#page = { text: readFileSync(path, 'utf8'), builtAt: mtimeMs };
    } catch (error) {
      if (this.#page === null) throw error;
    }
    return this.#page.text;
  }

  /** Null when there is none, or none any more: its name has changed with what is in it. */
  get(name: string): ConsoleFile | null {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const type = TYPES[extname(name)];
    if (type === undefined || !NAME.test(name)) return null;
    const path = join(this.#folder, 'assets', name);
    const plain = readIfThere(path);
    if (plain === null) return null;
    const file = { type, plain, gzip: readIfThere(`${path}.gz`) };
    this.#read.set(name, file);
    return file;
  }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
