import { parseArgs } from 'node:util';
import { chaos } from './chaos.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '1800' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    mode: { type: 'string', default: 'kill' },
    active: { type: 'string', default: '40' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Of the servers that are ended, the share that is asked to stop. */
const TERMS: { readonly [mode: string]: number } = { kill: 0, term: 1 };

const terms = TERMS[values.mode];
if (terms === undefined) {
  say(`There is no mode ${values.mode}: choose one of ${Object.keys(TERMS).join(', ')}.`);
  process.exit(2);
}
say(`chaos: mode ${values.mode}, seed ${values.seed}`);
const { verdict } = await chaos({
  kills: Number(values.kills),
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  active: Number(values.active),
  terms,
  say,
});
process.exitCode = verdict.violations.length === 0 ? 0 : 1;
