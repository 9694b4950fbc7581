import { Agent } from 'node:http';
import { join } from 'node:path';
import { askJson } from './ask-json.mjs';
import { applyLoad } from './load.mjs';
import { stopProcess } from './processes/postgres.mjs';
import { serveErrand } from './processes/serve-errand.mjs';
import { writeThreeSteps } from './three-steps.mjs';
import { three } from './workloads.mjs';

const KEY = `sk_live_${'b'.repeat(32)}`;

/**
 * One run after another through a server of its own: from the call that starts a run to its answer, the run's output.
 */
export async function measureHttp({ folder, seconds, atMost }) {
  writeThreeSteps(join(folder, 'workflows'));
  const { server, port } = await serveErrand({ folder, key: KEY });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (path, body) => askJson({ agent, port, method: 'POST', path, body, key: KEY });
  const ways = {
    'REST, POST /api/v1/runs': async (n) =>
      (await post('/api/v1/runs', { workflow_id: 'three', input: { n }, wait_seconds: 10 })).output?.n,
    'MCP, run_workflow at /mcp': async (n) => {
      const answer = await post('/mcp', {
        jsonrpc: '2.0',
        id: n,
        method: 'tools/call',
        params: { name: 'run_workflow', arguments: { workflow_id: 'three', input: { n }, wait_seconds: 10 } },
      });
      return answer.result?.structuredContent?.output?.n ?? JSON.stringify(answer).slice(0, 500);
    },
  };
  try {
    const measured = [];
    for (const [way, run] of Object.entries(ways)) {
      const load = { run, expected: three, atOnce: 1, atMost };
      await applyLoad({ ...load, seconds: Math.min(2, seconds) });
      measured.push({ way, ...(await applyLoad({ ...load, seconds })) });
    }
    return measured;
  } finally {
    agent.destroy();
    await stopProcess(server);
  }
}
