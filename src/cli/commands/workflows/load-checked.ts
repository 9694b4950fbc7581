import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LoadedFolder } from '../../../loader/load-folder.js';
import { UsageError } from '../../terminal/usage-error.js';

/** Reads a folder of workflows as a server would, without one. `named` is how the caller wrote it. */
export async function loadChecked(named: string): Promise<{ readonly dir: string; readonly loaded: LoadedFolder }> {
  const dir = resolve(named);
  const isFolder = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new UsageError(`${named} is not a folder.`);
  const [{ loadFolder }, { nodeKinds }, { openInspector }] = await Promise.all([
    import('../../../loader/load-folder.js'),
    import('../../../nodes/registry.js'),
    import('../../../app/assembly/open-inspector.js'),
  ]);
  const inspector = openInspector();
  const dataDir = await mkdtemp(join(tmpdir(), 'errand-check-'));
  try {
    return { dir, loaded: await loadFolder({ dir, kinds: nodeKinds, dataDir, inspect: inspector.inspect }) };
  } finally {
    inspector.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}
