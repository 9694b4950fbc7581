import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { bundledFile, errandEntry, packageRoot } from './package-root.js';
import { Seen } from './seen.js';

/** Packages that Errand has for handlers, also where it was installed without them: `scripts/build/bundle.mjs`. */
const OFFERED: ReadonlySet<string> = new Set(['zod']);

/** So that the plugin does not see its own questions. */
const ASKED = Symbol('asked');

/** `outside`: how the bundle names the file of a package. */
const packagesOutside = (outside: (file: string, asked: OnResolveArgs) => string, seen = new Seen()): Plugin => ({
  name: 'packages-outside',
  setup(setup) {
    setup.onResolve({ filter: /^[^./\\]/ }, async (asked) => {
      const { path, kind, importer, resolveDir, pluginData } = asked;
      if (pluginData === ASKED || kind === 'entry-point' || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
      seen.lookFor(importer, path);
      if (/^(?:node|data|file|https?):/.test(path)) return { path, external: true };
      const leave = (file: string): OnResolveResult => ({ path: outside(file, asked), external: true });
      if (path === 'errand') return leave(errandEntry);
      const ask = (from: string): ReturnType<typeof setup.resolve> =>
        setup.resolve(path, { kind, importer, resolveDir: from, pluginData: ASKED });
      let found = await ask(resolveDir);
      // What Errand itself is built with is there for handlers too.
      if (found.errors.length > 0) {
        const own = await ask(packageRoot);
        if (own.errors.length === 0) found = own;
        else if (OFFERED.has(path) && existsSync(bundledFile(path))) return leave(bundledFile(path));
      }
      if (found.errors.length > 0) return { errors: found.errors };
      if (found.external) return { path, external: true };
      // A path alias or a package of the same workspace is the author's own code.
      return found.path.split(sep).includes('node_modules') ? leave(found.path) : { path: found.path };
    });
  },
});

/** `require` takes paths and no URLs. */
export const keepPackagesOutside = (seen: Seen): Plugin =>
  packagesOutside(
    (file, { kind }) => (kind === 'require-call' || kind === 'require-resolve' ? file : pathToFileURL(file).href),
    seen,
  );

/** Those that every Errand has need not be told. */
const EVERYWHERE: ReadonlySet<string> = new Set(['errand', ...OFFERED]);

export const namePackages = (packages: Set<string>): Plugin =>
  packagesOutside((_file, { path }) => {
    if (!EVERYWHERE.has(path)) packages.add(path);
    return path;
  });
