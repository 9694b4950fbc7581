import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Node of 22.13 or newer: this one, else the one that an npm package carries; null when there is neither. */
export function findNewNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath;
  const carried = fileURLToPath(
    new URL(`../../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
  );
  return existsSync(carried) ? carried : null;
}

export function versionOfNode(path) {
  if (path === null) return '?';
  if (path === process.execPath) return process.versions.node;
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
}
