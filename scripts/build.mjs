// Compiles src/ to dist/ and copies what the program reads at run time.
import { fileURLToPath } from 'node:url';
import { build, BuildFailure } from './build/build.mjs';

try {
  await build(fileURLToPath(new URL('..', import.meta.url)));
} catch (error) {
  if (!(error instanceof BuildFailure)) throw error;
  if (error.message !== '') process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
