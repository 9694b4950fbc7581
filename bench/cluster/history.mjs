import { join } from 'node:path';
import {
  compareHistories,
  findAmongMany,
  LIMIT,
  makeTemplate,
  threeSearchable,
} from '../lib/history/history-measures.mjs';
import { whole } from '../lib/table.mjs';
import { openLibrary, startParts } from './errand-library.mjs';
import { makePostgresHistory } from './make-postgres-history.mjs';

const FINDS = 21;

/**
 * What a long history costs: a database with so many finished runs against one with none, each with a Restate of its
 * own, taking turns in one process.
 */
export async function measureHistory({ folder, runs, rounds, share, say }) {
  const stops = [];
  try {
    const full = await startParts(join(folder, 'full'));
    stops.push(full.stop);
    const empty = await startParts(join(folder, 'empty'));
    stops.push(empty.stop);
    const first = await openLibrary(full, threeSearchable);
    await makeTemplate(first);
    await first.close();
    say(`history: making ${whole(runs)} finished runs …`);
    const from = performance.now();
    const bytes = await makePostgresHistory({ url: full.postgres.url, runs });
    say(`… in ${Math.round((performance.now() - from) / 1000)} s: ${whole(bytes / 1024 / 1024)} MiB`);
    const both = { empty: await openLibrary(empty, threeSearchable), full: await openLibrary(full, threeSearchable) };
    stops.push(
      () => both.empty.close(),
      () => both.full.close(),
    );
    const { total } = await both.full.listRuns({ limit: 1 });
    if (total !== runs) throw new Error(`The database has ${total} runs, not ${runs}`);
    const found = await findAmongMany(both.full, { runs, times: FINDS, share });
    return { runs, bytes, rounds, found, ...(await compareHistories({ ...both, rounds, share, say })) };
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

export function reportHistory({ runs, bytes, rounds, found, text, worst }) {
  return [
    `${whole(runs)} finished runs in Postgres (${whole(bytes / 1024 / 1024)} MiB) against none`,
    `Microseconds at the median of ${rounds} rounds that take turns (at most ${LIMIT} times)\n\n${text}\n`,
    `Milliseconds for a page of 20 among them, at the median of ${FINDS}, and how many it held\n\n${found}`,
    ...(worst > LIMIT ? [`\nAbove the limit of ${LIMIT}.`] : []),
  ].join('\n');
}
