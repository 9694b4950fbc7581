import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package, whether it runs from `src/` or from `dist/`. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** What `import … from 'errand'` in a handler means: this very package, so that its classes are the same. */
export const errandEntry: string = join(packageRoot, 'dist', 'index.js');

/** A file of `dist/bundle/`. */
export function bundledFile(name: string): string {
  return join(packageRoot, 'dist', 'bundle', `${name}.js`);
}

function findPackageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && isThisPackage(file)) return folder;
    if (dirname(folder) === folder) return from;
  }
}

function isThisPackage(file: string): boolean {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof content === 'object' && content !== null && 'name' in content && content.name === 'errand';
}
