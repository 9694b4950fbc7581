// Errand on several processes: what drives steps on several machines, what limits cost, polls at any process, and what a
// long history costs in Postgres, one after another on this machine.
//   npm run bench:cluster -- [--part drives,limits,polls,history] [--only errand-cluster-3,restate] [--seconds 5]
//     [--processes 3] [--nodes 3] [--runs 1000000] [--rounds 11] [--share 1] [--json]
import { parseArgs } from 'node:util';
import { runParts } from '../lib/run-parts.mjs';
import { measureDrives, reportDrives } from './drives.mjs';
import { measureHistory, reportHistory } from './history.mjs';
import { measureLimits, reportLimits } from './limits.mjs';
import { measurePolls, reportPolls } from './polls.mjs';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'drives,limits,polls,history' },
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
  limits: [measureLimits, reportLimits],
  polls: [measurePolls, reportPolls],
  history: [measureHistory, reportHistory],
};

await runParts({ name: 'cluster', parts: PARTS, chosen: values.part.split(','), options, isJson: values.json });
