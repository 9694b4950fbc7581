import { findNewNode } from '../lib/processes/new-node.mjs';
import { measurePeer } from '../lib/processes/run-child.mjs';
import { millis, renderTable, whole } from '../lib/table.mjs';

const peer = (id, label, needs = {}) => ({ id, label, postgres: false, newNode: false, ...needs });
const PEERS = [
  peer('errand-cluster-3', 'Errand, 3 processes, 3 Restate nodes, Postgres'),
  peer('errand-cluster-1', 'Errand, 1 process, 1 Restate node, Postgres'),
  peer('errand-cluster-library', 'Errand as a library, 1 process, 1 Restate node, Postgres'),
  peer('restate', 'Restate, 1 node, a journal entry a step', { newNode: true }),
  peer('restate-3', 'Restate, 3 nodes and 3 processes, a journal entry a step', { newNode: true }),
  peer('dbos', 'DBOS, 1 process, Postgres', { postgres: true }),
];
const ALONE = { atOnce: 1, atMost: 200 };
/**
 * One at a time is measured twice: in the seconds after a load databases still clean up and write behind it, and after a
 * rest.
 */
const LOADS = [
  { title: '300 at a time', atOnce: 300 },
  { title: '50 at a time', atOnce: 50 },
  { title: '1 at a time, right after', ...ALONE },
  { title: '1 at a time, after a rest of 10 s', ...ALONE, restSeconds: 10 },
];
/** So that the code of each of several processes is compiled by then. */
const WARM_UP_SECONDS = 30;

/** Runs of three steps, by Errand on several processes and by what else drives steps on several machines. */
export async function measureDrives({ only, seconds, say }) {
  const loads = LOADS.map((load) => ({ workload: 'three', seconds, ...load }));
  const newNode = findNewNode();
  const measure = async (one) => {
    say(`${one.label} …`);
    try {
      const node = one.newNode ? newNode : process.execPath;
      if (node === null) throw new Error('it needs Node 22.13 or newer, and there is none');
      const { measured } = await measurePeer({ peer: one, node, loads, warmUpSeconds: WARM_UP_SECONDS });
      return { id: one.id, label: one.label, measured };
    } catch (error) {
      say(`${one.label}: not measured: ${error.message}`);
      return { id: one.id, label: one.label, measured: null };
    }
  };
  const results = [];
  for (const one of PEERS.filter(({ id }) => only === null || only.includes(id))) results.push(await measure(one));
  return results;
}

export function reportDrives(results) {
  return LOADS.map(({ title }) => reportLoad(results, title)).join('\n\n');
}

function reportLoad(results, title) {
  const of = ({ measured }) => measured?.find((each) => each.title === title);
  const restate = results.find(({ id }) => id === 'restate');
  const unit = (restate === undefined ? undefined : of(restate))?.runsPerSecond;
  const rows = results.map((result) => {
    const found = of(result);
    if (found === undefined) return [result.label, '-', '-', '-', '-'];
    const ratio = unit === undefined ? '-' : `${(found.runsPerSecond / unit).toFixed(1)} x`;
    return [result.label, whole(found.runsPerSecond), ratio, millis(found.p50), millis(found.p99)];
  });
  const head = ['', 'runs/s', 'of Restate', 'p50 ms', 'p99 ms'];
  return `Three steps, ${title}\n${renderTable(head, rows)}`;
}
