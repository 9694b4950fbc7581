import { join } from 'node:path';
import { installPrograms, packageFrom } from '../../cluster/lib/start-cluster.mjs';
import { startRestate } from '../../cluster/lib/restate.mjs';
import { createErrand } from '../../dist/index.js';
import { freePort } from '../lib/processes/free-port.mjs';
import { startPostgres } from '../lib/processes/postgres.mjs';
import { threeSteps } from '../lib/three-steps-in-code.mjs';

/** Errand in the process that asks, as Restate's own SDK and DBOS are measured: no HTTP between it and its caller. */
export async function start({ folder }) {
  await installPrograms();
  const postgres = await startPostgres(folder, { packageFrom });
  const [restate] = await startRestate(folder, { packageFrom });
  const errand = await createErrand({
    data: join(folder, 'errand'),
    database: postgres.url,
    restate: { url: restate.url, adminUrl: restate.adminUrl, listen: { port: await freePort() } },
    models: { secretKey: Buffer.alloc(32, 1).toString('base64') },
    workflows: [threeSteps],
    monthlyCredits: 1_000_000_000,
    maxActiveRuns: 1_000,
  });
  return {
    three: async (n) => {
      const { id } = await errand.runWorkflow('three', { n });
      return (await errand.waitForRun(id)).output?.n;
    },
    stop: async () => {
      await errand.close();
      await restate.stop('SIGKILL');
      await postgres.stop('SIGINT');
    },
  };
}
