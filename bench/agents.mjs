// What Errand adds to a call of a model, and 200 streaming calls at once in one process.
//   npm run bench:agents -- [--rounds 500] [--calls 200]
// The model's API is a server in a process of its own that speaks OpenAI's wire format and answers at once.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import { createErrand, defineWorkflow } from '../dist/index.js';
import { quantile } from './lib/load.mjs';
import { describeMachine } from './lib/machine.mjs';
import { residentMiB } from './lib/memory.mjs';
import { millis, renderTable, whole } from './lib/table.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '500' }, calls: { type: 'string', default: '200' } },
});
const ROUNDS = Number(values.rounds);
const CALLS = Number(values.calls);
const WARM_UP = 100;
const LIMIT_MS = 3;
/** 100 pieces, one each 50 ms: five seconds an answer. */
const PIECES = 100;
const DRIP_MS = 50;

const workflow = (id, node) => defineWorkflow({ id, name: id, description: 'One node.', nodes: [node] });
const ask = (model) => ({ id: 'ask', kind: 'llm', model: `openai/${model}`, prompt: 'Say {{ input.word }}' });
const workflows = [
  workflow('code', { id: 'say', kind: 'code', run: async () => 'ok' }),
  workflow('llm', ask('instant')),
  workflow('slow', { ...ask('slow'), role: 'writer', label: 'Writer' }),
];

const folder = mkdtempSync(join(tmpdir(), 'errand-bench-agents-'));
const server = fork(new URL('./agents/model-server-child.mjs', import.meta.url), [
  JSON.stringify({ pieces: PIECES, dripMs: DRIP_MS }),
]);
try {
  const [{ url }] = await once(server, 'message');
  // As an operator would set them: the keys and addresses of providers come from the environment.
  process.env.OPENAI_API_KEY = 'sk-bench';
  process.env.OPENAI_BASE_URL = url;
  const errand = await createErrand({ data: join(folder, 'errand'), workflows });
  process.stdout.write(`${describeMachine()}\n\n`);
  await measureOverhead({ url, errand });
  await measureStreams(errand);
  await errand.close();
} finally {
  if (server.connected) server.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function measureOverhead({ url, errand }) {
  const openai = createOpenAI({ apiKey: 'sk-bench', baseURL: url });
  const run = async (id) => {
    const { id: runId } = await errand.runWorkflow(id, { word: 'ok' });
    const { status, output, error } = await errand.waitForRun(runId);
    if (status !== 'completed' || output !== 'ok')
      throw new Error(`${id} is ${status}: ${JSON.stringify(error ?? output)}`);
  };
  const ways = {
    'HTTP alone, streamed': () => fetchStream(url),
    'the AI SDK, streamText': async () => {
      const { text } = streamText({ model: openai('instant'), prompt: 'Say ok', maxRetries: 0 });
      if ((await text) !== 'ok') throw new Error('the AI SDK gave another answer');
    },
    'Errand, a run of one node that calls no model': () => run('code'),
    'Errand, a run of one llm node': () => run('llm'),
  };
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    // In turn, so that what else the machine does meets them alike.
    for (const [name, way] of Object.entries(ways)) {
      const from = performance.now();
      await way();
      if (round >= 0) times[name].push(performance.now() - from);
    }
  }
  const rows = Object.entries(times).map(([name, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    return { name, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  });
  const cells = rows.map(({ name, p50, p99 }) => [name, millis(p50), millis(p99)]);
  process.stdout.write(`One call of a model that answers at once, ${whole(ROUNDS)} times\n`);
  process.stdout.write(`${renderTable(['', 'p50 ms', 'p99 ms'], cells)}\n`);
  const [http, sdk, code, llm] = rows;
  // The provider's part of the AI SDK is counted as Errand's: it is Errand's choice.
  const own = llm.p50 - code.p50 - http.p50;
  process.stdout.write(
    [
      `An llm node takes ${millis(own)} ms more than a node that calls no model and the HTTP alone (the limit is ${LIMIT_MS} ms)`,
      `A whole run with it, durable from its acceptance to its end, takes ${millis(llm.p50 - sdk.p50)} ms more than the AI SDK's streamText alone`,
      '',
      '',
    ].join('\n'),
  );
  if (own > LIMIT_MS) process.exitCode = 1;
}

async function fetchStream(url) {
  const response = await fetch(`${url}/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-bench', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'instant', stream: true, input: [{ role: 'user', content: 'Say ok' }] }),
  });
  if (!(await response.text()).includes('response.completed')) throw new Error('the server gave another answer');
}

async function measureStreams(errand) {
  const before = residentMiB(process.pid);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const from = performance.now();
  const used = process.cpuUsage();
  delay.enable();
  const runs = await Promise.all(Array.from({ length: CALLS }, () => errand.runWorkflow('slow', { word: 'much' })));
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, residentMiB(process.pid) ?? 0)), 500);
  const ended = await Promise.all(runs.map(({ id }) => errand.waitForRun(id)));
  clearInterval(watch);
  delay.disable();
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(used);
  server.send('how many?');
  const [{ most: atOnce }] = await once(server, 'message');
  const whole100 = ended.filter(
    ({ status, output }) => status === 'completed' && output.split('piece').length === PIECES + 1,
  );
  const ideal = (PIECES * DRIP_MS) / 1_000;
  process.stdout.write(
    [
      `${whole(CALLS)} streaming calls at once, each ${PIECES} pieces in ${ideal} s`,
      `  ${whole(whole100.length)} came whole; ${whole(atOnce)} were under way at once; all were done after ${seconds.toFixed(2)} s`,
      `  ${((user + system) / 1e6 / seconds).toFixed(2)} of a processor, ${whole(most - before)} MiB more than before, at most ${whole(most)} MiB`,
      `  the event loop was late by ${millis(delay.percentile(50) / 1e6)} ms at the median, ${millis(delay.percentile(99) / 1e6)} ms at the 99th percentile`,
      '',
    ].join('\n'),
  );
  if (whole100.length !== CALLS || atOnce < CALLS) process.exitCode = 1;
}
