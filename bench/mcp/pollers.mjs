import { millis, whole } from '../lib/table.mjs';
import { startClients, startErrand } from './processes.mjs';
import { toolCall, CONTRACTS } from './requests.mjs';
import { makeRuns } from './runs-in-store.mjs';

const SECONDS = 5;

/** So many clients, each of which asks again as soon as it is answered. */
export async function measurePollers({ folder, key, pollers, say }) {
  const stops = [];
  try {
    const errand = await startErrand({ data: folder, key });
    stops.push(errand.stop);
    const runs = await makeRuns({ url: errand.url, key });
    const clients = startClients();
    stops.push(clients.stop);
    const args = CONTRACTS.native.arguments(runs.running);
    const request = toolCall({ contract: 'native', era: '2025-11-25', key, name: 'get_run_status', args });
    await clients.apply({ url: errand.url, request, connections: 64, seconds: 1 });
    say(`pollers: ${pollers} clients for ${SECONDS} s`);
    return { pollers, ...(await clients.apply({ url: errand.url, request, connections: pollers, seconds: SECONDS })) };
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

export function reportPollers({ pollers, perSecond, p50, p99, slowest, refused }) {
  return [
    `${whole(pollers)} clients polling at once, each without a pause`,
    `  ${whole(perSecond)} requests/s; p50 ${millis(p50)} ms, p99 ${millis(p99)} ms, slowest ${millis(slowest)} ms`,
    `  p99 is ${(p99 / p50).toFixed(1)} times p50 (the limit is 10); refused: ${whole(refused)} (the limit is 0)`,
  ].join('\n');
}
