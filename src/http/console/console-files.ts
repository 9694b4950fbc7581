import { readdirSync, readFileSync } from 'node:fs';
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

/** The files that the page loads, by their names; each is read when it is first asked for. */
export class ConsoleFiles {
  readonly names: readonly string[];
  readonly #assets: string;
  readonly #folder: string;
  readonly #read = new Map<string, ConsoleFile>();
  #page: string | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    this.#assets = join(folder, 'assets');
    this.names = readdirSync(this.#assets).filter((name) => extname(name) in TYPES);
  }

  /** The page, but for the address that its own addresses begin with. */
  get page(): string {
    return (this.#page ??= readFileSync(join(this.#folder, 'index.html'), 'utf8'));
  }

  get(name: string): ConsoleFile {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const path = join(this.#assets, name);
    const file = {
      type: TYPES[extname(name)] ?? '',
      plain: readFileSync(path),
      gzip: readIfThere(`${path}.gz`),
    };
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
