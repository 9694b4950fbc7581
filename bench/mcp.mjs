// get_run_status over HTTP: a bare node:http server, Errand's three contracts in both eras, and the official SDKs.
//   npm run bench:mcp -- [--only speed,pollers,waiting] [--seconds 1.5] [--rounds 3] [--connections 64]
//     [--pollers 2000] [--waiting 10000] [--contracts native] [--without-sdks] [--token] [--telemetry]
//     [--profile FOLDER] [--json]
import { parseArgs } from 'node:util';
import { runParts } from './lib/run-parts.mjs';
import { measurePollers, reportPollers } from './mcp/pollers.mjs';
import { measureSpeed, reportSpeed } from './mcp/speed.mjs';
import { measureWaiting, reportWaiting } from './mcp/waiting.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'speed,pollers,waiting' },
    seconds: { type: 'string', default: '1.5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    pollers: { type: 'string', default: '2000' },
    waiting: { type: 'string', default: '10000' },
    contracts: { type: 'string', default: 'workflows,mcp-app,native' },
    'without-sdks': { type: 'boolean', default: false },
    token: { type: 'boolean', default: false },
    telemetry: { type: 'boolean', default: false },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const sections = values.only.split(',');
const options = {
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  connections: Number(values.connections),
  pollers: Number(values.pollers),
  waiting: Number(values.waiting),
  contracts: values.contracts.split(','),
  sdks: !values['without-sdks'],
  token: values.token,
  telemetry: values.telemetry,
  key: `sk_live_${'0123456789abcdef'.repeat(2)}`,
  nodeOptions: values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
  say: (text) => process.stderr.write(`${text}\n`),
};
const SECTIONS = {
  speed: [measureSpeed, reportSpeed],
  pollers: [measurePollers, reportPollers],
  waiting: [measureWaiting, reportWaiting],
};

await runParts({ name: 'mcp', parts: SECTIONS, chosen: sections, options, isJson: values.json });
