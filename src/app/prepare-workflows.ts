/**
 * The last step of a build: bundles and inspects the handlers of the workflows that ship, and keeps what came of them in
 * `dist/handlers/`. The first start in a data folder takes them over, as later ones do what the first has kept.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../loader/bundles/package-root.js';
import { HandlerStore } from '../loader/bundles/handler-store.js';
import { KeptModules, PREPARED } from '../loader/kept/kept-modules.js';
import { loadFolder } from '../loader/load-folder.js';
import { nodeKinds } from '../nodes/registry.js';
import { openInspector } from './assembly/open-inspector.js';

const dir = join(packageRoot, 'workflows');
if (existsSync(dir)) await prepare();

async function prepare(): Promise<void> {
  const dataDir = PREPARED;
  const kept = new KeptModules({ dataDir, dir, store: new HandlerStore({ dataDir }) });
  const inspector = openInspector();
  try {
    await loadFolder({ dir, kinds: nodeKinds, dataDir, kept, inspect: inspector.inspect });
    await kept.write();
  } finally {
    inspector.close();
  }
}
