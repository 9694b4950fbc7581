import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** In dist/: the SHA-256 of the sources that it was made of. */
const STAMP = '.sources';

/** What a build is made of, relative to the root. Tests and what only they use are not. */
export function listSources(root) {
  const found = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|sql|json|html|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.endsWith('.test.ts') && !file.startsWith(join('src', 'testing') + sep));
  // What makes the build, and the packages that it holds.
  const builders = readdirSync(join(root, 'scripts', 'build')).map((name) => join('scripts', 'build', name));
  const others = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  return [
    ...found,
    ...builders,
    ...listConsole(root),
    ...listPages(root, 'mcp-app'),
    ...others.filter((file) => existsSync(join(root, file))),
  ].toSorted((a, b) => (a < b ? -1 : 1));
}

/** What the console is made of, beside what it shares with the server. */
export function listConsole(root) {
  const files = listPages(root, 'console');
  return files.length === 0 ? [] : [...files, join('docs', 'connect.md')].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The files of a program for browsers; none where its folder is not there. */
function listPages(root, name) {
  const folder = join(root, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|css|html|json|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules') && !file.endsWith('.test.ts'));
}

/** Of the sources as they are before they are compiled: what changes meanwhile is newer. */
export function takeStamp(root, sources) {
  return { takenAt: new Date(), hash: hashOf(root, sources) };
}

export function writeStamp(made, { takenAt, hash }) {
  writeFileSync(join(made, STAMP), hash);
  utimesSync(join(made, STAMP), takenAt, takenAt);
}

/**
 * Whether dist/ is what a build would make of the sources as they are. Times tell mostly; a copy of a checkout has the
 * same files at other times.
 */
export function isBuilt(root) {
  const stamp = join(root, 'dist', STAMP);
  const made = statSync(stamp, { throwIfNoEntry: false });
  if (made === undefined) return false;
  const sources = listSources(root);
  const paths = new Set([...sources, ...sources.map((source) => dirname(source))]);
  if ([...paths].every((path) => statSync(join(root, path)).mtimeMs <= made.mtimeMs)) return true;
  const { takenAt, hash } = takeStamp(root, sources);
  if (readFileSync(stamp, 'utf8') !== hash) return false;
  try {
    utimesSync(stamp, takenAt, takenAt);
  } catch {
    // Somebody else's: the sources are read again the next time.
  }
  return true;
}

function hashOf(root, sources) {
  const hash = createHash('sha256');
  for (const source of sources)
    hash
      .update(`${source}\0`)
      .update(readFileSync(join(root, source)))
      .update('\0');
  return hash.digest('hex');
}
