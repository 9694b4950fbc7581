import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, Loader, Message, Metafile, Plugin } from 'esbuild';
import { errorMessage } from '../../core/errors.js';
import { shaOf } from './bundle-file.js';
import { keepPackagesOutside, namePackages } from './packages-outside.js';
import { type BundleOrigins, Seen } from './seen.js';

/** A self-contained ES module. The same sources give the same code, and so the same name. */
export interface Bundle {
  /** SHA-256 of `code`, hex. */
  readonly sha: string;
  readonly code: string;
}

/** Line and column count from 1. */
export interface BundleFault {
  /** Absolute. */
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  /** The line of code that it is about. */
  readonly value?: string;
}

export type BundleResult =
  | {
      readonly status: 'ok';
      readonly bundle: Bundle;
      /** Every file that went in, absolute. */
      readonly inputs: readonly string[];
      /** Null where files went in that esbuild itself has read. */
      readonly origins?: BundleOrigins | null;
    }
  | { readonly status: 'faulty'; readonly faults: readonly BundleFault[]; readonly inputs: readonly string[] };

const TARGET = 'node20';

/**
 * Bundles handlers, each with all it imports from its own project. Packages stay outside, named by the file that they
 * resolve to, so a bundle can be kept and run anywhere on this machine. What several import is read once; what comes of
 * each is the same as when it is bundled alone. `dir`: what sources are named from.
 */
export async function bundleHandlers(params: {
  readonly files: readonly string[];
  readonly dir: string;
}): Promise<readonly BundleResult[]> {
  const { files, dir } = params;
  return whileBundling(async () => {
    const plain = files.filter((file) => !isOdd(file, dir));
    // When one of them cannot be bundled, nothing comes of the others either, and it is not told which one it is.
    const made = plain.length > 1 ? await bundleTogether(plain, dir) : null;
    return Promise.all(
      files.map(async (file) => {
        const result = made?.[plain.indexOf(file)];
        if (result !== undefined && !needsRequire(result)) return result;
        return bundleFile(file, isOdd(file, dir) ? dirname(file) : dir);
      }),
    );
  });
}

/** esbuild takes a backslash in a name for a slash: the file is told from its own folder then. */
function isOdd(file: string, dir: string): boolean {
  return sep !== '\\' && relative(dir, file).includes('\\');
}

let atWork = 0;
let stopping: NodeJS.Timeout | null = null;
/** esbuild's process takes 50 MB. Changes of a folder come in flocks. */
const IDLE_MS = 2_000;

/** It is loaded when there is something to bundle: a start that finds all bundles kept does without. */
const loadEsbuild = () => import('esbuild');

/** Ends esbuild's process once nothing has been bundled for a while; the next bundle starts another. */
async function whileBundling<T>(work: () => Promise<T>): Promise<T> {
  atWork += 1;
  if (stopping !== null) clearTimeout(stopping);
  stopping = null;
  try {
    return await work();
  } finally {
    atWork -= 1;
    if (atWork === 0) stopping = setTimeout(() => void loadEsbuild().then(({ stop }) => stop()), IDLE_MS).unref();
  }
}

/** Packages and places on this machine that a bundle for other machines does not carry. */
export interface LeftOut {
  /** What it imports from packages, as it is written. */
  readonly packages: readonly string[];
  /** Files of the author that ask where they are. */
  readonly placed: readonly string[];
}

/** The same for any machine: packages keep their names, and are looked for where the bundle is to run. */
export async function bundlePortably(params: {
  readonly file: string;
}): Promise<BundleResult & { readonly leftOut: LeftOut }> {
  const packages = new Set<string>();
  const placed = new Set<string>();
  const plugins = [enterAt([params.file]), noteImportMeta(placed), namePackages(packages)];
  const result = await whileBundling(() => bundleWith(params.file, { plugins, isPortable: true }));
  return { ...result, leftOut: { packages: [...packages].toSorted(), placed: [...placed].toSorted() } };
}

/** Makes what `bundlePortably` made ready for this machine; packages are looked for from the folder on. */
export async function placeBundle(params: { readonly code: string; readonly folder: string }): Promise<BundleResult> {
  const file = join(params.folder, 'published.mjs');
  const plugins = [enterCode(params.code, params.folder), refuseFiles, keepPackagesOutside(new Seen())];
  return whileBundling(() => withRequire(file, (banner) => bundleWith(file, { plugins, banner })));
}

async function bundleFile(file: string, dir: string): Promise<BundleResult> {
  const seen = new Seen();
  const plugins = [enterAt([file]), keepImportMeta(seen), keepPackagesOutside(seen)];
  return withRequire(file, (banner) => bundleWith(file, { plugins, banner, dir, seen }));
}

/** Null where one of them at least cannot be bundled. */
async function bundleTogether(files: readonly string[], dir: string): Promise<readonly BundleResult[] | null> {
  const seen = new Seen();
  const plugins = [enterAt(files), keepImportMeta(seen), keepPackagesOutside(seen)];
  try {
    return await runBuild(files.length, dir, { plugins, seen });
  } catch (thrown) {
    if (isBuildFailure(thrown)) return null;
    throw thrown;
  }
}

/** Bundled CommonJS asks for a `require`, which an ES module has to make for itself. */
async function withRequire(
  file: string,
  bundle: (banner: { [type: string]: string }) => Promise<BundleResult>,
): Promise<BundleResult> {
  const first = await bundle({});
  if (!needsRequire(first)) return first;
  const require = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(${JSON.stringify(pathToFileURL(file).href)});`;
  return bundle({ js: require });
}

function needsRequire(result: BundleResult): boolean {
  return result.status === 'ok' && result.bundle.code.includes('Dynamic require of "');
}

interface BundleOptions {
  readonly plugins: Plugin[];
  readonly banner?: { [type: string]: string };
  /** What sources are named from; the folder of the file when not given. */
  readonly dir?: string;
  /** Says nothing of where it was made. */
  readonly isPortable?: boolean;
  /** What the plugins note. */
  readonly seen?: Seen;
}

async function bundleWith(file: string, options: BundleOptions): Promise<BundleResult> {
  try {
    const [result] = await runBuild(1, options.dir ?? dirname(file), options);
    if (result === undefined) throw new Error(`esbuild gave nothing for ${file}`);
    return result;
  } catch (thrown) {
    if (!isBuildFailure(thrown)) throw thrown;
    const folder = options.dir ?? dirname(file);
    const faults = thrown.errors.map((error) => toFault(error, file, folder));
    return { status: 'faulty', faults, inputs: [...new Set([file, ...faults.map((fault) => fault.file)])] };
  }
}

/** Of each entry, in their order. Rejects with esbuild's failure where one of them cannot be bundled. */
async function runBuild(
  entries: number,
  dir: string,
  { plugins, banner = {}, isPortable = false, seen }: BundleOptions,
): Promise<readonly BundleResult[]> {
  const { build } = await loadEsbuild();
  const numbers = Array.from({ length: entries }, (_, index) => index);
  const { outputFiles, metafile } = await build({
    entryPoints: numbers.map((number) => ({ in: `${ENTRY}${number}`, out: `${OUT}${number}` })),
    absWorkingDir: dir,
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: TARGET,
    charset: 'utf8',
    banner,
    // Without this, esbuild prefers files that are meant for bundlers and that Node cannot load.
    conditions: [],
    sourcemap: 'inline',
    // Where the sources are, seen from wherever the bundle is kept. What they held is not needed to tell places in them.
    ...(isPortable ? {} : { sourceRoot: `${pathToFileURL(dir).href}/`, sourcesContent: false }),
    metafile: true,
    logLevel: 'silent',
    plugins,
  });
  const byName = new Map(outputFiles.map((file) => [basename(file.path), file]));
  return numbers.map((number) => {
    const name = `${OUT}${number}.mjs`;
    const code = byName.get(name)?.text ?? '';
    const inputs = listInputs(metafile, metafile.outputs[name]?.entryPoint).map((input) => resolve(dir, input));
    return { status: 'ok', bundle: { sha: shaOf(code), code }, inputs, origins: seen?.originsOf(inputs) ?? null };
  });
}

/** The entry, and all that it imports, and what that imports. */
function listInputs({ inputs }: Metafile, entry: string | undefined): readonly string[] {
  const found = new Set(entry === undefined ? Object.keys(inputs) : [entry]);
  for (const input of found)
    for (const { path, external } of inputs[input]?.imports ?? [])
      if (external !== true && path in inputs) found.add(path);
  return [...found];
}

function isBuildFailure(thrown: unknown): thrown is BuildFailure {
  return thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors);
}

function toFault(error: Message, file: string, folder: string): BundleFault {
  const { location, text } = error;
  if (location === null) return { file, line: null, column: null, message: text };
  return {
    file: resolve(folder, location.file),
    line: location.line,
    column: location.column + 1,
    message: withPackageHint(text),
    value: location.lineText.trim(),
  };
}

const ENTRY = 'errand:entry:';
/** Nobody's file beside the sources has this name. */
const OUT = '.errand-bundle-';

/** esbuild takes a path with a `*` in it for a pattern: it is given none. */
function enterAt(files: readonly string[]): Plugin {
  return {
    name: 'enter-at',
    setup(setup) {
      setup.onResolve({ filter: /^errand:entry:\d+$/ }, async ({ path, kind }) => {
        const file = files[Number(path.slice(ENTRY.length))];
        return kind !== 'entry-point' || file === undefined
          ? undefined
          : { path: await realpath(file).catch(() => file) };
      });
    },
  };
}

/** Code that is in no file; what it imports is looked for from the folder on. */
function enterCode(code: string, folder: string): Plugin {
  return {
    name: 'enter-code',
    setup(setup) {
      setup.onResolve({ filter: /^errand:entry:\d+$/ }, () => ({ path: 'published', namespace: 'published' }));
      setup.onLoad({ filter: /.*/, namespace: 'published' }, () => ({
        contents: code,
        loader: 'js',
        resolveDir: folder,
      }));
    },
  };
}

/** Published code carries all files that it is made of: it has none to import here. */
const refuseFiles: Plugin = {
  name: 'refuse-files',
  setup(setup) {
    setup.onResolve({ filter: /^(?:[./\\]|[A-Za-z]:[\\/]|file:)/ }, ({ path }) => ({
      errors: [{ text: `Published code imports no files: ${path}` }],
    }));
  },
};

function noteImportMeta(placed: Set<string>): Plugin {
  return {
    name: 'note-import-meta',
    setup(setup) {
      setup.onLoad({ filter: /\.(?:m?[jt]s|[jt]sx)$/ }, async ({ path }) => {
        if ((await readFile(path, 'utf8')).includes('import.meta')) placed.add(path);
        return undefined;
      });
    },
  };
}

const LOADERS: { readonly [extension: string]: Loader } = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
};

/**
 * In a bundle, `import.meta` would be the bundle's: each file keeps its own place, so that it finds the data beside it.
 */
const keepImportMeta = (seen: Seen): Plugin => ({
  name: 'keep-import-meta',
  setup(setup) {
    setup.onLoad({ filter: /\.(?:m?[jt]s|[jt]sx|json)$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const extension = extname(path);
      // In `.mts`, esbuild reads type arguments in a way that no loader has: it reads such a file itself.
      if (extension !== '.mts') seen.read(path, source);
      if (extension === '.json' || !source.includes('import.meta'))
        return extension === '.mts' ? undefined : { contents: source, loader: LOADERS[extension] ?? 'js' };
      const { transform } = await loadEsbuild();
      try {
        const { code } = await transform(source, {
          loader: LOADERS[extension] ?? 'js',
          format: 'esm',
          target: TARGET,
          charset: 'utf8',
          sourcemap: 'inline',
          sourcefile: basename(path),
          logLevel: 'silent',
          define: {
            'import.meta.url': JSON.stringify(pathToFileURL(path).href),
            'import.meta.filename': JSON.stringify(path),
            'import.meta.dirname': JSON.stringify(dirname(path)),
          },
        });
        return { contents: code, loader: 'js' };
      } catch (thrown) {
        // The same errors come again, with their places, when esbuild reads the file itself.
        return isBuildFailure(thrown) ? undefined : { errors: [{ text: errorMessage(thrown) }] };
      }
    });
  },
});

/** A package that is not found is most often not installed. */
function withPackageHint(text: string): string {
  const isPackage = /^Could not resolve "[^"./]/.test(text);
  return isPackage ? `${text}. Install it: packages are looked for in node_modules beside the handler and above` : text;
}
