import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loadBinding } from '../../src/store/sqlite/connection/binding.js';
import { ServerProcess } from '../support/server/server-process.js';

const TICK = `
id: tick
name: Tick
description: Starts a run each second.
nodes:
  - { id: say, kind: transform, with: done }
schedules:
  - { cron: '* * * * * *', overlap: cancel_previous }
`;
/** When the server is killed, relative to the beginning of a second: around the start of a run and after it. */
const KILLED_AT_MS = [-40, -3, 0, 2, 4, 6, 9, 14, 25, 120];

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Until so long after the beginning of the next second but one. */
function untilSecond(offsetMs: number): Promise<void> {
  const delay = 2_000 - (Date.now() % 1_000) + offsetMs;
  return new Promise((resolve) => setTimeout(resolve, delay));
}

/** The moments for which runs were started, in epoch seconds, with repeats. */
async function readMoments(data: string): Promise<number[]> {
  const { DatabaseSync } = await loadBinding();
  const db = new DatabaseSync(join(data, 'errand.db'));
  const rows = db.prepare('SELECT idempotency_key AS key FROM runs ORDER BY id').all() as { readonly key: string }[];
  db.close();
  return rows.map(({ key }) => Date.parse(key.split(' ').at(-1) ?? '') / 1_000);
}

it(
  'a server that is killed around the times of a schedule starts one run for each of them, and misses none',
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-schedule-crash-'));
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'tick.yaml'), TICK);
    const data = join(folder, 'data');
    for (const offset of KILLED_AT_MS) {
      const server = await ServerProcess.start({ data, workflows: folder });
      cleanUps.push(() => server.end('SIGKILL'));
      await untilSecond(offset);
      await server.end('SIGKILL');
    }
    const last = await ServerProcess.start({ data, workflows: folder });
    cleanUps.push(() => last.end('SIGKILL'));
    await untilSecond(300);
    await last.end('SIGTERM');

    const moments = await readMoments(data);
    expect(moments.length).toBeGreaterThan(2 * KILLED_AT_MS.length);
    const [first = 0] = moments;
    expect(moments).toEqual(moments.map((_, index) => first + index));
  },
);
