import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A copy of the program as a later version might be: with one migration of the schema more, that older ones can work
 * with. Gives its command line. `name`: of the copy.
 */
export function makeNewerProgram(name) {
  // Where it finds the packages of the root.
  const folder = join(root, 'node_modules', '.cache', 'errand', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const migrations of findMigrations(join(folder, 'dist'))) {
    const next = String(readdirSync(migrations).filter((file) => file.endsWith('.sql')).length + 1).padStart(4, '0');
    writeFileSync(join(migrations, `${next}-newer.sql`), 'ALTER TABLE organizations ADD COLUMN colour TEXT;\n');
  }
  return join(folder, 'dist', 'cli', 'main.js');
}

/** Those of Postgres, as they lie beside what is built. */
function findMigrations(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'migrations' && entry.parentPath.includes('postgres'))
    .map(({ parentPath, name }) => join(parentPath, name));
}
