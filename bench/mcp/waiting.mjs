import { setTimeout as sleep } from 'node:timers/promises';
import { residentMiB } from '../lib/memory.mjs';
import { whole } from '../lib/table.mjs';
import { processorSeconds, startErrand } from './processes.mjs';
import { RawClient, requestBytes } from './raw-client.mjs';
import { CONTRACTS, toolCall } from './requests.mjs';
import { startRun } from './runs.mjs';

const IDLE_SECONDS = 10;
const AT_ONCE = 100;

/** So many runs under way, each waited for by a client of its own (`wait_seconds`). */
export async function measureWaiting({ folder, key, waiting, say }) {
  const errand = await startErrand({ data: folder, key });
  const clients = [];
  try {
    say(`waiting: starting ${waiting} runs`);
    const ids = [];
    while (ids.length < waiting) {
      const more = Math.min(AT_ONCE, waiting - ids.length);
      const started = Array.from({ length: more }, () => startRun({ url: errand.url, key, workflow: 'waits' }));
      ids.push(...(await Promise.all(started)));
    }
    const before = residentMiB(errand.pid);
    say('waiting: a client for each');
    const { hostname: host, port } = new URL(errand.url);
    let answered = 0;
    let refused = 0;
    while (clients.length < waiting) {
      const more = Math.min(AT_ONCE, waiting - clients.length);
      clients.push(...(await Promise.all(Array.from({ length: more }, () => RawClient.open({ host, port })))));
    }
    // All connected first: the time that they wait for is to be longer than what is measured.
    clients.forEach((client, index) => {
      const args = { ...CONTRACTS.native.arguments(ids[index]), wait_seconds: 25 };
      const request = toolCall({ contract: 'native', era: '2025-11-25', key, name: 'get_run_status', args });
      client.ask(requestBytes({ host, port, ...request }), ({ status }) => {
        answered++;
        if (status !== 200) refused++;
      });
    });
    // All have been read once this one, asked after them, is answered.
    await startRun({ url: errand.url, key, workflow: 'waits' });
    const from = processorSeconds(errand.pid);
    const early = answered;
    await sleep(IDLE_SECONDS * 1000);
    const used = processorSeconds(errand.pid) - from;
    const late = answered;
    return { waiting, early, late, refused, beforeMiB: before, residentMiB: residentMiB(errand.pid), used };
  } finally {
    for (const client of clients) client.close();
    await errand.stop();
  }
}

export function reportWaiting({ waiting, early, late, refused, beforeMiB, residentMiB: resident, used }) {
  const share = (used / IDLE_SECONDS) * 100;
  return [
    `${whole(waiting)} runs under way in one process, each waited for by a client`,
    `  resident: ${whole(resident)} MiB (the limit is 400 MB, ${whole(400e6 / 1024 / 1024)} MiB); before the clients came ${whole(beforeMiB)} MiB`,
    `  over ${IDLE_SECONDS} s in which nothing happens: ${used.toFixed(2)} s of processor, ${share.toFixed(1)} % of one`,
    `  answered before that: ${early}, meanwhile: ${late - early}; refused: ${refused}`,
  ].join('\n');
}
