// Bundles the fixture server. It lies where the packages of the root are found, and not those of the suite.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** @returns {Promise<string>} the path of a module to run */
export async function buildServer() {
  const outfile = join(dirname(here), 'node_modules', '.cache', 'errand', 'conformance-server.mjs');
  await build({
    entryPoints: [join(here, 'server', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return outfile;
}
