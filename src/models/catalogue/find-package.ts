import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isJsonObject, type Json } from '../../core/json.js';

/**
 * Where a package starts that is installed for one of the folders, or for one above it; null when it is in none. By
 * hand, as what is installed for the workflows is none of this program's own modules.
 */
export function findPackage(name: string, folders: readonly string[]): URL | null {
  for (const folder of folders) {
    for (let at = folder; ; at = dirname(at)) {
      const root = join(at, 'node_modules', name);
      if (existsSync(join(root, 'package.json'))) return pathToFileURL(join(root, findEntry(root)));
      if (at === dirname(at)) break;
    }
  }
  return null;
}

function findEntry(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly [field: string]: Json };
  const { exports, module, main } = manifest;
  const top = isJsonObject(exports) ? (exports['.'] ?? exports) : exports;
  return pickEntry(top ?? null) ?? pickEntry(module ?? null) ?? pickEntry(main ?? null) ?? 'index.js';
}

function pickEntry(entry: Json): string | null {
  if (typeof entry === 'string') return entry;
  if (!isJsonObject(entry)) return null;
  for (const condition of 'node import default require'.split(' ')) {
    const found = pickEntry(entry[condition] ?? null);
    if (found !== null) return found;
  }
  return null;
}
