import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { BuildFailure } from './failure.mjs';
import { licencesOf } from './licences.mjs';

/** Packages that are not bundled: those that bring programs or WebAssembly, and those that most servers never load. */
export const OUTSIDE = ['esbuild', '@photostructure/sqlite', 're2js', '@restatedev/restate-sdk'];
/** Packages of threads and the like, whose files are not bundled. */
export const OUTSIDE_OF_WORKERS = ['quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync'];
/** Packages that handlers may import though they are not installed: what the bundle holds of them. */
const OFFERED = ['zod'];

const TARGET = 'node20';

/** Bundled CommonJS asks for Node's own modules, and an ES module has no `require`. */
const REQUIRE = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

/**
 * Writes dist/bundle/: the program in a few dozen files in place of hundreds of its own and its packages', which take a
 * second to read. `dist/cli/main.js`, `dist/index.js` and `dist/test-kit.js` lead there. Chunks are shared, so that the library and the
 * command have the same classes.
 */
export async function bundle({ root, made, sources }) {
  const { build, transform } = await import('esbuild');
  const entries = findEntries(root, sources);
  const { outputFiles, metafile } = await build({
    entryPoints: [...entries.keys()].map((name) => ({ in: `entry:${name}`, out: name })),
    absWorkingDir: root,
    outdir: join(made, 'bundle'),
    write: false,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: TARGET,
    // One byte a character: V8 keeps the text of all code that it has loaded.
    charset: 'ascii',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'none',
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    banner: { js: REQUIRE },
    external: [...OUTSIDE, 'pg-native'],
    metafile: true,
    logLevel: 'warning',
    plugins: [enterAt(root, entries), keepPlaces(root, transform)],
  }).catch((error) => {
    throw new BuildFailure(`it cannot be bundled: ${error.message}`, 'place');
  });
  mkdirSync(join(made, 'bundle'));
  // By their names alone: in a folder with an odd name, esbuild's paths lead elsewhere.
  for (const { path, contents } of outputFiles) writeFileSync(join(made, 'bundle', basename(path)), contents);
  writeFileSync(join(made, 'bundle', 'LICENSES.txt'), licencesOf(root, Object.keys(metafile.inputs)));
  writeFileSync(join(made, 'cli', 'main.js'), `#!/usr/bin/env node\nimport '../bundle/main.js';\n`);
  await bundleClient({ root, made, build });
  for (const name of ['index', 'test-kit']) {
    writeFileSync(join(made, `${name}.js`), `export * from './bundle/${name}.js';\n`);
  }
}

/** dist/client.js: one file without imports, for wherever there is `fetch`. */
async function bundleClient({ root, made, build }) {
  const client = join(root, 'src', 'client.ts');
  const { outputFiles } = await build({
    entryPoints: [{ in: 'entry:client', out: 'client' }],
    absWorkingDir: root,
    outdir: join(made, 'bundle'),
    write: false,
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    plugins: [enterAt(root, new Map([['client', client]]))],
  });
  writeFileSync(join(made, 'client.js'), outputFiles[0].contents);
}

/**
 * By the name of the file in dist/bundle/: its source, or the package. Programs of processes beside the server are
 * entries of their own.
 */
function findEntries(root, sources) {
  const entries = new Map([
    ['main', join(root, 'src', 'cli', 'main.ts')],
    ['index', join(root, 'src', 'index.ts')],
    ['test-kit', join(root, 'src', 'test-kit.ts')],
  ]);
  for (const name of OFFERED) entries.set(name, name);
  for (const source of sources.filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(join(root, source), 'utf8');
    for (const [, name] of text.matchAll(/builtFile\('\.\/([\w-]+)\.js'/g)) {
      entries.set(name, join(root, dirname(source), `${name}.ts`));
    }
  }
  return entries;
}

/** esbuild takes a path with a `*` in it for a pattern: it is given none. */
function enterAt(root, entries) {
  return {
    name: 'enter-at',
    setup(setup) {
      setup.onResolve({ filter: /^entry:/ }, async ({ path }) => {
        const to = entries.get(path.slice('entry:'.length));
        if (!OFFERED.includes(to)) return { path: to };
        return setup.resolve(to, { kind: 'import-statement', resolveDir: root });
      });
    },
  };
}

/** `import.meta.url` stays the place in dist/ of the file that it is written in, so that files beside it are found. */
function keepPlaces(root, transform) {
  return {
    name: 'keep-places',
    setup(setup) {
      setup.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        // A package that is asked for at once is bundled as any other.
        const asked = text.replaceAll(/createRequire\(import\.meta\.url\)\(('[^']+')\)/g, 'require($1)');
        // By esbuild, which tells code from texts that only look like it.
        const { code } = await transform(asked, {
          loader: 'ts',
          define: { 'import.meta.url': '__place' },
          target: TARGET,
        });
        const place = relative(join(root, 'src'), path).split(sep).join(posix.sep).replace(/ts$/, 'js');
        const contents = `const __place = new URL(${JSON.stringify(`../${place}`)}, import.meta.url).href;\n${code}`;
        return { contents, loader: 'js' };
      });
    },
  };
}
