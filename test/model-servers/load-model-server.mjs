import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * The model server for programs that are not run by vitest: bundled here, as Node runs no TypeScript.
 *
 * @returns {Promise<typeof import('./model-server.js')>}
 */
export async function loadModelServer() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./model-server.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
  });
  const folder = await mkdtemp(join(tmpdir(), 'errand-model-server-'));
  try {
    const file = join(folder, 'model-server.mjs');
    await writeFile(file, outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
