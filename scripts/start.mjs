// `node scripts/start.mjs serve …`: builds Errand when its sources are newer than the build, and becomes
// `errand serve …` itself, so that whoever sends this process a signal reaches the server.
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, BuildFailure } from './build/build.mjs';
import { isBuilt } from './build/sources.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist', 'cli', 'main.js');

await buildWhenStale();
makeExecutable();
process.argv[1] = main;
try {
  await import(pathToFileURL(main).href);
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error;
  fail(`Errand cannot start: its packages are not installed (${error.message}). Run npm ci in ${root}`);
}

async function buildWhenStale() {
  if (isBuilt(root)) return;
  try {
    await build(root);
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    if (error.at === 'sources') process.exit(1);
    if (!existsSync(main)) fail(`Errand is not built, and cannot be built here: ${error.message}.`);
    process.stderr.write(`The build is older than the sources, and is used as it is: ${error.message}.\n`);
  }
}

/** So that `npx errand` can start it, whatever has put it there. */
function makeExecutable() {
  try {
    chmodSync(main, 0o755);
  } catch {
    // Somebody else's.
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
