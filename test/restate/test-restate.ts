import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type RestateNode, startRestate } from '../../cluster/lib/restate.mjs';
import { repository } from '../support/server/server-process.js';
import { installOnce } from '../../cluster/lib/install-once.mjs';

const PROGRAMS = join(repository, 'cluster');

/** A Restate of one node: that of the PATH, else one from npm, which is installed when it is missing. */
export async function startTestRestate(env: Readonly<Record<string, string>> = {}): Promise<RestateNode> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, 'restate-server')))) await installOnce(PROGRAMS);
  const folder = mkdtempSync(join(tmpdir(), 'errand-restate-'));
  const packageFrom = pathToFileURL(join(PROGRAMS, 'package.json')).href;
  const [node] = await startRestate(folder, { packageFrom, partitions: 4, env });
  if (node === undefined) throw new Error('no node was started');
  return {
    ...node,
    stop: async () => {
      await node.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
