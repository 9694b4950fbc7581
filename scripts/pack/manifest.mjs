import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { OUTSIDE, OUTSIDE_OF_WORKERS } from '../build/bundle.mjs';

/**
 * The package.json that is published: what the bundle holds is no dependency, and what makes the build is of no use.
 */
export function toPublished(root, manifest) {
  const { scripts: _scripts, workspaces: _workspaces, devDependencies: _development, ...kept } = manifest;
  const outside = new Set([...OUTSIDE, ...OUTSIDE_OF_WORKERS]);
  const dependencies = Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => outside.has(name)));
  // zod: for the types of workflows in TypeScript alone.
  const peerDependencies = { zod: manifest.dependencies.zod, ...manifest.peerDependencies };
  const files = [...manifest.files, ...typesFrom(root, ['index.d.ts', 'client.d.ts', 'test-kit.d.ts'])];
  return {
    ...kept,
    // In a checkout it leads there, once that is built.
    bin: { errand: 'dist/cli/main.js' },
    files,
    dependencies,
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }])),
  };
}

/** The declarations that these lead to, themselves included. Relative to the root. */
function typesFrom(root, entries) {
  const found = new Set(entries.map((entry) => join('dist', entry)));
  for (const file of found) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(/(?:from |import\()'(\.[^']+)\.js'/g)) {
      const next = relative(root, join(root, dirname(file), `${name}.d.ts`));
      if (existsSync(join(root, next))) found.add(next);
    }
  }
  return [...found].map((file) => file.split(sep).join('/'));
}
