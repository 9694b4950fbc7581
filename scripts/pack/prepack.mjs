// Before npm makes the package: what is published has fewer dependencies than what is developed. `postpack.mjs` takes
// this back.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build/build.mjs';
import { isBuilt } from '../build/sources.mjs';
import { toPublished } from './manifest.mjs';
import { restore, saved } from './restore.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = join(root, 'package.json');
if (existsSync(saved(root))) restore(root);
if (!isBuilt(root)) await build(root);
copyFileSync(file, saved(root));
writeFileSync(file, `${JSON.stringify(toPublished(root, JSON.parse(readFileSync(file, 'utf8'))), null, 2)}\n`);
