import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Has the build make the handlers of the workflows that ship, for which a first start would take as long as for all the
 * rest. Where they cannot be made, their packages are not installed, say, the start makes them, and tells what is wrong.
 */
export function prepareWorkflows(root) {
  const dist = join(root, 'dist');
  const { PATH, HOME, TMPDIR, NODE_OPTIONS, NODE_PATH } = process.env;
  const env = { PATH, HOME, TMPDIR, NODE_OPTIONS, NODE_PATH };
  spawnSync(process.execPath, [join(dist, 'app', 'prepare-workflows.js')], { cwd: root, env, stdio: 'ignore' });
  makeReadable(join(dist, 'handlers'));
}

/** Whoever starts the server may be another user. */
function makeReadable(folder) {
  try {
    chmodSync(folder, 0o755);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
  } catch {
    // There is nothing.
  }
}
