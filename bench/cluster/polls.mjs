import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPrograms, startCluster } from '../../cluster/lib/start-cluster.mjs';
import { startClients, startErrand } from '../mcp/processes.mjs';
import { CONTRACTS, send, toolCall } from '../mcp/requests.mjs';
import { makeRuns } from '../mcp/runs-in-store.mjs';
import { medians } from '../lib/load.mjs';
import { millis, renderTable, whole } from '../lib/table.mjs';

const WORKFLOWS = fileURLToPath(new URL('../mcp/workflows', import.meta.url));
const KEY = `sk_live_${'b'.repeat(32)}`;
const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;
const ROUNDS = 3;
/** Of what one machine answers. */
const LIMIT = 0.7;

/**
 * How often `get_run_status` is answered, of a run with five agents at work and of one that has completed: by Errand on
 * one machine, and by each process of a cluster, which drive the run or do not. All run all the time and are asked one
 * after another, round after round.
 */
export async function measurePolls({ folder, processes, restateNodes, seconds, say }) {
  await installPrograms();
  const stops = [];
  try {
    const one = await startErrand({ data: join(folder, 'one'), key: KEY });
    stops.push(one.stop);
    const cluster = await startCluster({
      folder: join(folder, 'cluster'),
      workflows: WORKFLOWS,
      key: KEY,
      processes,
      restateNodes,
      env: { ERRAND_CALLS_PER_MINUTE: '100000000', ERRAND_LOG_LEVEL: 'error' },
    });
    stops.push(() => cluster.stop());
    const clients = startClients();
    stops.push(clients.stop);
    const targets = [
      ...(await targetsOf('one machine, SQLite', one.url, [one.url])),
      ...(await targetsOf(
        'process',
        cluster.url,
        cluster.members.map(({ url }) => url),
      )),
    ];
    const ask = async (target, forSeconds) => {
      const { url, request } = target;
      const measured = await clients.apply({ url, request, connections: CONNECTIONS, seconds: forSeconds });
      if (measured.refused > 0) throw new Error(`${target.label} refused ${measured.refused} polls`);
      return measured;
    };
    await checkPolls(targets);
    for (const target of targets) await ask(target, WARM_UP_SECONDS);
    for (let round = 1; round <= ROUNDS; round += 1) {
      say(`polls: round ${round} of ${ROUNDS}, ${targets.length} loads of ${seconds} s`);
      for (const target of targets) target.measured.push(await ask(target, seconds));
    }
    return targets.map(({ label, run, measured }) => ({
      label,
      run,
      ...medians(measured, ['perSecond', 'p50', 'p99']),
    }));
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

/** Polls of runs that are started at `from`, at each of these addresses. */
async function targetsOf(label, from, urls) {
  const runs = await makeRuns({ url: from, key: KEY });
  return Object.entries(runs).flatMap(([run, id]) => {
    const args = CONTRACTS.native.arguments(id);
    const request = toolCall({ contract: 'native', era: '2025-11-25', key: KEY, name: 'get_run_status', args });
    return urls.map((url, index) => ({
      label: urls.length === 1 ? label : `${label} ${index + 1} of ${urls.length}`,
      run,
      url,
      request,
      measured: [],
    }));
  });
}

async function checkPolls(targets) {
  for (const { label, url, request } of targets) {
    const { result } = await send(url, request);
    if (result.isError === true) throw new Error(`${label} does not find the run: ${JSON.stringify(result)}`);
  }
}

export function reportPolls(measured) {
  const rows = measured.map(({ label, run, perSecond, p50, p99 }) => {
    const unit = measured.find((other) => other.run === run).perSecond;
    return [`${run}: ${label}`, whole(perSecond), (perSecond / unit).toFixed(2), millis(p50), millis(p99)];
  });
  const head = ['', 'polls/s', 'of one machine', 'p50 ms', 'p99 ms'];
  const table = renderTable(head, rows);
  return `Polls of one run, ${CONNECTIONS} at a time (at least ${LIMIT} of one machine)\n${table}`;
}
