#!/usr/bin/env node
// `npx errand` in a checkout. npm links a program once, and never again when it was not there then: this one is, also
// before the first build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  process.argv[1] = fileURLToPath(main);
  await import(main.href);
} else {
  process.stderr.write(`Errand is not built: run npm run build in ${fileURLToPath(new URL('..', import.meta.url))}\n`);
  process.exitCode = 1;
}
