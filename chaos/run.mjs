// npm run chaos: bundles the harness to where it finds the packages of the root, and runs it.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(dirname(here), 'node_modules', '.cache', 'errand', 'chaos.mjs');
await build({
  entryPoints: [join(here, 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  define: {
    'import.meta.url': JSON.stringify(
      new URL('test/support/server/server-process.ts', new URL('..', import.meta.url)).href,
    ),
  },
  // These find their programs by where they stand.
  plugins: [
    {
      name: 'by-place',
      setup: (bundling) =>
        bundling.onResolve({ filter: /\/cluster\/lib\/|\/build-disk-faults\.mjs$/ }, ({ path, resolveDir }) => ({
          path: pathToFileURL(join(resolveDir, path)).href,
          external: true,
        })),
    },
  ],
  sourcemap: 'inline',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
