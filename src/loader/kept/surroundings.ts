import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { shaOf } from '../bundles/bundle-file.js';
import { packageRoot } from '../bundles/package-root.js';

/** What one bundle was made of. */
export interface MadeOf {
  /** Where it begins, absolute. */
  readonly file: string;
  /** Every file that went in, absolute. */
  readonly inputs: readonly string[];
  /** What was imported that is no file of the author's: by which file, and as it is written there. */
  readonly lookups: readonly (readonly [file: string, name: string])[];
}

/** Files beside the sources that say how those are read. */
const SETTINGS = ['package.json', 'tsconfig.json', 'jsconfig.json'];

/**
 * Sees what bundles are made of, each file and folder once. Two prints are the same only where esbuild would find the
 * same files, packages and settings, and read the same in them.
 */
export class Surroundings {
  readonly #root: Promise<string>;
  readonly #contents = new Map<string, Promise<string | null>>();
  readonly #names = new Map<string, Promise<readonly string[]>>();
  readonly #settings = new Map<string, Promise<string>>();
  readonly #packages = new Map<string, Promise<string | null>>();

  /** `dir`: the folder of workflows. */
  constructor(dir: string) {
    this.#root = realpath(dir).catch(() => resolve(dir));
  }

  /** `contents`: by path, the SHA-256 of what went in; of what is there now when not given. Null: nobody can tell. */
  async printOf({ file, inputs, lookups }: MadeOf, contents?: ReadonlyMap<string, string>): Promise<string | null> {
    const root = await this.#root;
    const begins = await realpath(file).catch(() => null);
    const texts = await Promise.all(inputs.map(async (input) => contents?.get(input) ?? this.#contentOf(input)));
    const folders = [...new Set(inputs.flatMap((input) => foldersOf(dirname(input), root)))].toSorted();
    const names = await Promise.all(folders.map((folder) => this.#namesIn(folder)));
    const settings = await Promise.all([...new Set(inputs.map(dirname))].map((folder) => this.#settingsOf(folder)));
    if (begins === null || texts.includes(null) || settings.includes('unknown')) return null;
    const packages = await Promise.all(
      lookups.map(async ([from, name]) => [from, name, await this.#findPackage(dirname(from), packageOf(name))]),
    );
    return shaOf(JSON.stringify([begins, inputs, texts, folders, names, settings, packages]));
  }

  #contentOf(path: string): Promise<string | null> {
    return remember(this.#contents, path, () => readFile(path, 'utf8').then(shaOf, () => null));
  }

  /** What may come before the file that an import names. */
  #namesIn(folder: string): Promise<readonly string[]> {
    return remember(this.#names, folder, async () => {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      const told = entries.map(async (entry) => {
        if (!entry.isSymbolicLink()) return `${entry.name}${entry.isDirectory() ? '/' : ''}`;
        return `${entry.name} -> ${await readlink(join(folder, entry.name)).catch(() => '')}`;
      });
      return (await Promise.all(told)).toSorted();
    });
  }

  /** Of the folder and all above. */
  #settingsOf(folder: string): Promise<string> {
    return remember(this.#settings, folder, async () => {
      const texts = await Promise.all(SETTINGS.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
      // What is extended may be anywhere.
      if (texts.slice(1).some((text) => text.includes('"extends"'))) return 'unknown';
      const above = dirname(folder) === folder ? '' : await this.#settingsOf(dirname(folder));
      return above === 'unknown' ? above : shaOf(JSON.stringify([texts, above]));
    });
  }

  /** The package that Node would find from the folder on, else Errand's own, with what it says of itself. */
  async #findPackage(folder: string, name: string): Promise<string | null> {
    return (await this.#findFrom(folder, name)) ?? this.#findFrom(packageRoot, name);
  }

  #findFrom(folder: string, name: string): Promise<string | null> {
    return remember(this.#packages, `${folder}\n${name}`, async () => {
      const file = await realpath(join(folder, 'node_modules', name, 'package.json')).catch(() => null);
      if (file !== null) return `${file} ${(await this.#contentOf(file)) ?? ''}`;
      return dirname(folder) === folder ? null : this.#findFrom(dirname(folder), name);
    });
  }
}

/** The folder, and those above it as far as the folder of workflows; outside of that, the one above. */
function foldersOf(folder: string, root: string): readonly string[] {
  const path = relative(root, folder);
  if (path.split(sep)[0] === '..') return [folder, dirname(folder)];
  const folders = [root];
  for (let current = folder; current !== root; current = dirname(current)) folders.push(current);
  return folders;
}

/** The package of an import: `@a/b` of `@a/b/c.js`. */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

function remember<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}
