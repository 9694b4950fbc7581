import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ModuleReport } from '../../core/handlers/module-report.js';
import { sealText, unsealText } from '../../core/sealed-text.js';
import { shaOf } from '../bundles/bundle-file.js';
import type { BundleResult } from '../bundles/bundle-handler.js';
import { HandlerStore } from '../bundles/handler-store.js';
import { bundledFile, packageRoot } from '../bundles/package-root.js';
import { findNeeds } from './report-needs.js';
import { type MadeOf, Surroundings } from './surroundings.js';

/** A file of handlers as it was bundled and inspected. */
export interface KeptModule extends MadeOf {
  /** Of the bundle. */
  readonly sha: string;
  /** See `Surroundings`. */
  readonly print: string;
  /** What it exports; null where that may be something else the next time. */
  readonly report: ModuleReport | null;
  /** Variables of the environment, and whether each was set. */
  readonly variables: { readonly [name: string]: boolean };
}

interface KeptFile {
  readonly maker: string;
  readonly modules: readonly KeptModule[];
}

type MadeModule = Omit<KeptModule, 'print'> & { readonly contents: ReadonlyMap<string, string> };

/** Another shape of the file, or other rules of what may be kept. */
const FORMAT = 1;

/** Where the build keeps what came of the workflows that ship, as a start does in its data folder. */
export const PREPARED = join(packageRoot, 'dist');

/**
 * What came of the files of handlers at an earlier start: `<data>/handlers/modules.json`. A start that finds a file as
 * it was, and all around it, bundles and inspects nothing. The file begins with the SHA-256 of the rest: one that is
 * torn, and one that another version has written, counts as none. Where there is none, that of the build counts.
 */
export class KeptModules {
  readonly #path: string;
  readonly #preparedPath: string;
  readonly #prepared: HandlerStore;
  readonly #store: HandlerStore;
  readonly #surroundings: Surroundings;
  readonly #maker: string | null;
  readonly #dir: string;
  #text = '';
  #known: ReadonlyMap<string, KeptModule> = new Map();
  /** By file: whether what is known of it still holds. */
  readonly #holds = new Map<string, Promise<boolean>>();
  readonly #used = new Map<string, KeptModule>();
  readonly #made = new Map<string, MadeModule>();

  /**
   * `dir`: the folder of workflows; `prepared`: a data folder of which what it has is taken over, that of the build when
   * not given. Knows nothing before it is read.
   */
  constructor(params: {
    readonly dataDir: string;
    readonly dir: string;
    readonly store: HandlerStore;
    readonly prepared?: string;
  }) {
    const { prepared = PREPARED } = params;
    this.#path = pathIn(params.dataDir);
    this.#preparedPath = pathIn(prepared);
    this.#prepared = new HandlerStore({ dataDir: prepared });
    this.#store = params.store;
    this.#dir = params.dir;
    this.#surroundings = new Surroundings(params.dir);
    this.#maker = describeMaker(params.dir);
  }

  async read(): Promise<void> {
    this.#text = await readIfThere(this.#path);
    const modules = this.#parse(this.#text) ?? this.#parse(await readIfThere(this.#preparedPath)) ?? [];
    this.#known = new Map(modules.map((module) => [module.file, module]));
    // The disk is waited for while definitions are read.
    for (const module of modules) this.#holds.set(module.file, this.#stillHolds(module));
  }

  /** Null where it is of no use here. */
  #parse(text: string): readonly KeptModule[] | null {
    const content = unsealText(text);
    if (content === null) return null;
    const { maker, modules } = JSON.parse(content) as KeptFile;
    return maker === this.#maker ? modules : null;
  }

  /** Null where it would be made anew, or its bundle is gone or damaged. */
  async find(file: string): Promise<KeptModule | null> {
    const known = this.#known.get(file);
    if (known === undefined || (await this.#holds.get(file)) !== true) return null;
    this.#used.set(file, known);
    const isSame = Object.entries(known.variables).every(([name, isSet]) => isSet === isVariableSet(name));
    return isSame ? known : { ...known, report: null };
  }

  async #stillHolds(module: KeptModule): Promise<boolean> {
    const [print, isThere] = await Promise.all([this.#surroundings.printOf(module), this.#has(module.sha)]);
    return print === module.print && isThere;
  }

  async #has(sha: string): Promise<boolean> {
    const ref = { kind: 'bundle', bundle: sha, export: 'default' } as const;
    return (await this.#store.has(ref)) || this.#takeOver(sha);
  }

  /** Copies a bundle that the build has made. */
  async #takeOver(sha: string): Promise<boolean> {
    const code = await readIfThere(this.#prepared.fileOf(sha));
    if (shaOf(code) !== sha) return false;
    return this.#store.save({ sha, code }).then(
      () => true,
      () => false,
    );
  }

  /** What has been made anew. */
  note(file: string, result: Extract<BundleResult, { status: 'ok' }>, report: ModuleReport): void {
    const { bundle, inputs, origins } = result;
    if (origins === undefined || origins === null) return;
    const { contents, lookups } = origins;
    const needs = findNeeds({ code: bundle.code, report, imports: lookups.map(([, name]) => name) });
    const variables = Object.fromEntries((needs ?? []).map((name) => [name, isVariableSet(name)]));
    const kept = {
      file,
      sha: bundle.sha,
      inputs,
      lookups,
      contents,
      report: needs === null ? null : report,
      variables,
    };
    this.#made.set(file, kept);
  }

  /** Keeps what this load has used and made, and nothing else. */
  async write(): Promise<void> {
    if (this.#maker === null) return;
    const surroundings = new Surroundings(this.#dir);
    const modules = [...this.#used.values()].filter(({ file }) => !this.#made.has(file));
    for (const { contents, ...made } of this.#made.values()) {
      const print = await surroundings.printOf(made, contents);
      if (print !== null) modules.push({ ...made, print });
    }
    modules.sort((a, b) => (a.file < b.file ? -1 : 1));
    const text = sealText(JSON.stringify({ maker: this.#maker, modules } satisfies KeptFile));
    if (text === this.#text || (this.#text === '' && modules.length === 0)) return;
    const temporary = `${this.#path}.tmp`;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, this.#path);
      this.#text = text;
    } catch {
      // A full disk and the like: the next start makes it all anew.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'handlers', 'modules.json');
}

function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function isVariableSet(name: string): boolean {
  return (process.env[name] ?? '') !== '';
}

/** What bundles and inspects, and what else its outcome hangs on. Null where Errand is not built. */
function describeMaker(dir: string): string | null {
  try {
    const asked = createRequire(join(packageRoot, 'package.json'));
    const { version } = asked('esbuild/package.json') as { readonly version: string };
    const { NODE_OPTIONS = '', NODE_PATH = '' } = process.env;
    const node = [process.version, process.platform, process.arch, NODE_OPTIONS, NODE_PATH];
    // Their imports are named by what is in them.
    const build = ['main', 'handler-host'].map((name) => readFileSync(bundledFile(name), 'utf8'));
    return shaOf(JSON.stringify([FORMAT, build, version, packageRoot, dir, ...node]));
  } catch {
    return null;
  }
}
