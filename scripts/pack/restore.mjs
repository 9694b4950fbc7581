import { renameSync } from 'node:fs';
import { join } from 'node:path';

/** Where package.json is kept while the published one is in its place. */
export function saved(root) {
  return join(root, '.package.json.packing');
}

export function restore(root) {
  renameSync(saved(root), join(root, 'package.json'));
}
