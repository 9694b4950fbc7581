// Errand on several processes: what drives steps on several machines, polls at any process, and what a long history
// costs in Postgres, one after another on this machine.
//   npm run bench:cluster -- [--part drives,polls,history] [--only errand-cluster-3,restate] [--seconds 5]
//     [--processes 3] [--nodes 3] [--runs 1000000] [--rounds 11] [--share 1] [--json]
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../lib/machine.mjs';
import { measureDrives, reportDrives } from './drives.mjs';
import { measureHistory, reportHistory } from './history.mjs';
import { measurePolls, reportPolls } from './polls.mjs';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'drives,polls,history' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    processes: { type: 'string', default: '3' },
    nodes: { type: 'string', default: '3' },
    runs: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '11' },
    share: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const options = {
  only: values.only?.split(',') ?? null,
  seconds: Number(values.seconds),
  processes: Number(values.processes),
  restateNodes: Number(values.nodes),
  runs: Number(values.runs),
  rounds: Number(values.rounds),
  share: Number(values.share),
  say: (text) => process.stderr.write(`${text}\n`),
};
const PARTS = {
  drives: [measureDrives, reportDrives],
  polls: [measurePolls, reportPolls],
  history: [measureHistory, reportHistory],
};

const machine = describeMachine();
options.say(machine);
const results = {};
const reports = [machine];
for (const part of values.part.split(',')) {
  const [measure, report] = PARTS[part];
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-cluster-'));
  // Postgres runs as another user where this one is root.
  chmodSync(folder, 0o755);
  try {
    results[part] = await measure({ ...options, folder });
    reports.push(report(results[part]));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
process.stdout.write(
  values.json ? `${JSON.stringify({ machine, ...results }, null, 2)}\n` : `${reports.join('\n\n')}\n`,
);
