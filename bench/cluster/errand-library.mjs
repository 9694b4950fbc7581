import { join } from 'node:path';
import { installPrograms, packageFrom } from '../../cluster/lib/start-cluster.mjs';
import { startRestate } from '../../cluster/lib/restate.mjs';
import { createErrand } from '../../dist/index.js';
import { freePort } from '../lib/processes/free-port.mjs';
import { startPostgres } from '../lib/processes/postgres.mjs';

/** What Errand as a library needs of several processes, in a folder: a Postgres, and Restate on one node. */
export async function startParts(folder) {
  await installPrograms();
  const postgres = await startPostgres(folder, { packageFrom });
  const [restate] = await startRestate(folder, { packageFrom }).catch(async (error) => {
    await postgres.stop('SIGINT');
    throw error;
  });
  const stop = async () => {
    await restate.stop('SIGKILL');
    await postgres.stop('SIGINT');
  };
  return { folder, postgres, restate, stop };
}

/** Errand in this process, on these parts; `options` beside those that all benchmarks of it have. */
export async function openLibrary({ folder, postgres, restate }, workflow, options = {}) {
  return createErrand({
    ...libraryOptions(workflow),
    data: join(folder, 'errand'),
    database: postgres.url,
    restate: { url: restate.url, adminUrl: restate.adminUrl, listen: { port: await freePort() } },
    models: { secretKey: Buffer.alloc(32, 1).toString('base64') },
    ...options,
  });
}

export function libraryOptions(workflow) {
  return { workflows: [workflow], monthlyCredits: 1_000_000_000, maxActiveRuns: 1_000 };
}
