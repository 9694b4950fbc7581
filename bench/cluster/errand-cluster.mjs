import { Agent } from 'node:http';
import { join } from 'node:path';
import { installPrograms, startCluster } from '../../cluster/lib/start-cluster.mjs';
import { askJson } from '../lib/ask-json.mjs';
import { writeThreeSteps } from '../lib/three-steps.mjs';

const KEY = `sk_live_${'b'.repeat(32)}`;

/** Errand processes on one Postgres with Restate: each run is started at one of them in turn, which answers at its end. */
export const clusterOf =
  (size) =>
  async ({ folder, atOnce }) => {
    await installPrograms();
    const workflows = join(folder, 'workflows');
    writeThreeSteps(workflows);
    const cluster = await startCluster({
      folder,
      workflows,
      key: KEY,
      processes: size,
      restateNodes: size,
      env: {
        ERRAND_ISOLATION: 'inline',
        ERRAND_BOOTSTRAP_CREDITS: '1000000000',
        ERRAND_LOG_LEVEL: 'error',
      },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
    let turn = 0;
    return {
      three: async (n) => {
        const { port } = cluster.members[(turn += 1) % size];
        const body = { workflow_id: 'three', input: { n }, wait_seconds: 25 };
        const run = await askJson({ agent, port, method: 'POST', path: '/api/v1/runs', body, key: KEY });
        return run.output?.n;
      },
      stop: () => cluster.stop(),
    };
  };
