import { Agent } from 'node:http';
import { join } from 'node:path';
import { askJson } from './ask-json.mjs';
import { startCollector } from './collector.mjs';
import { applyLoad } from './load.mjs';
import { stopProcess } from './processes/postgres.mjs';
import { serveErrand } from './processes/serve-errand.mjs';
import { writeThreeSteps } from './three-steps.mjs';
import { three } from './workloads.mjs';

const KEY = `sk_live_${'b'.repeat(32)}`;

const ROUNDS = 5;
const TOGETHER = 50;

/**
 * Runs through a server of its own: from the call that starts a run to its answer, the run's output. One after another,
 * and 50 at a time. With `telemetry` also through one that tells a collector what it does, in turns.
 */
export async function measureHttp({ folder, seconds, atMost, telemetry }) {
  const collector = telemetry ? await startCollector() : null;
  const sides = [];
  try {
    sides.push(await openSide('', join(folder, 'plain'), { OTEL_SDK_DISABLED: 'true' }));
    if (collector !== null) sides.push(await openSide(', with telemetry', join(folder, 'observed'), collector.env));
    const ways = sides[0].ways.flatMap((_, index) => sides.map((side) => side.ways[index]));
    for (const way of ways) await applyLoad({ ...way.load, atMost, seconds: Math.min(2, seconds) });
    const rounds = ways.map(() => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, { load }] of ways.entries())
        rounds[index].push(await applyLoad({ ...load, atMost, seconds: seconds / ROUNDS }));
    }
    if (collector?.asked() === 0) throw new Error('The collector was told nothing.');
    return ways.map(({ way }, index) => ({ way, ...medians(rounds[index]) }));
  } finally {
    for (const side of sides) await side.close();
    await collector?.stop();
  }
}

function medians(rounds) {
  const median = (field) => rounds.map((one) => one[field]).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)];
  const fields = ['runsPerSecond', 'p50', 'p99'].map((field) => [field, median(field)]);
  return { runs: rounds.reduce((sum, { runs }) => sum + runs, 0), ...Object.fromEntries(fields) };
}

async function openSide(name, folder, telemetry) {
  writeThreeSteps(join(folder, 'workflows'));
  const env = { ERRAND_CALLS_PER_MINUTE: '100000000', ...telemetry };
  const { server, port } = await serveErrand({ folder, key: KEY, env });
  const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });
  const post = (path, body) => askJson({ agent, port, method: 'POST', path, body, key: KEY });
  const overRest = async (n) =>
    (await post('/api/v1/runs', { workflow_id: 'three', input: { n }, wait_seconds: 10 })).output?.n;
  const overMcp = async (n) => {
    const params = { name: 'run_workflow', arguments: { workflow_id: 'three', input: { n }, wait_seconds: 10 } };
    const answer = await post('/mcp', { jsonrpc: '2.0', id: n, method: 'tools/call', params });
    return answer.result?.structuredContent?.output?.n ?? JSON.stringify(answer).slice(0, 500);
  };
  const way = (title, run, atOnce) => ({ way: `${title}${name}`, load: { run, expected: three, atOnce } });
  return {
    ways: [
      way('REST, POST /api/v1/runs', overRest, 1),
      way('MCP, run_workflow at /mcp', overMcp, 1),
      way(`REST, ${TOGETHER} at a time`, overRest, TOGETHER),
    ],
    close: async () => {
      agent.destroy();
      await stopProcess(server);
    },
  };
}
