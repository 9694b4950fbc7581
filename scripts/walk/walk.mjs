// Lists the files and folders that one poll and one run pass through, in order, on a server in this process:
// `npm run walk`. A poll is a `get_run_status` from the socket and back. A run is `run_workflow` from its tool on, with
// one node of kind `code`, until its end is kept. What is counted, and how, is printed above the lists (report.mjs).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../dist/app/server.js';
import { allowCutOutput } from '../cut-output.mjs';
import { CallRecorder } from './call-recorder.mjs';
import { printRules, report } from './report.mjs';

/** Jobs of the background come round within seconds: none is at work in each of so many recordings. */
const RECORDINGS = 7;
const KEY = `sk_live_${'0'.repeat(32)}`;

allowCutOutput();
const recorder = new CallRecorder();
/** The id of the run that was started last. */
let newest = '';
const folder = mkdtempSync(join(tmpdir(), 'errand-walk-'));
const server = await startServer({
  port: 0,
  dataDir: join(folder, 'data'),
  workflowsDir: writeWorkflow(folder),
  bootstrapKey: KEY,
});
try {
  const { poll, run } = await measure();
  printRules();
  const walks = [
    report({ name: 'poll', recordings: poll, maxSteps: 24 }),
    report({ name: 'run', recordings: run, maxSteps: 40, fromTool: true }),
  ];
  process.exitCode = walks.every((isWithin) => isWithin) ? 0 : 1;
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}

function writeWorkflow(parent) {
  const workflows = join(parent, 'workflows');
  mkdirSync(workflows);
  const node = { id: 'greet', kind: 'code', uses: './greet.mjs' };
  const definition = { id: 'greet', name: 'Greet', description: 'Greets.', credits: 1, nodes: [node] };
  writeFileSync(join(workflows, 'greet.yaml'), JSON.stringify(definition));
  writeFileSync(join(workflows, 'greet.mjs'), `export default () => ({ text: 'hello' });\n`);
  return workflows;
}

async function call(name, args) {
  const response = await fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  });
  return (await response.json()).result.structuredContent;
}

/** Starts a run and waits for its end without a call to the server. */
async function runToEnd() {
  const { run_id: runId } = await call('run_workflow', { workflow_id: 'greet', input: {} });
  await new Promise((wake) => setTimeout(wake, 1_000));
  newest = runId;
  return runId;
}

async function hasEnded() {
  return (await call('get_run_status', { run_id: newest })).terminal;
}

/** On a machine that is busy a run takes longer than is waited for: nothing of it is to be part of the next recording. */
async function untilEnded() {
  while (!(await hasEnded())) await new Promise((wake) => setTimeout(wake, 100));
  await new Promise((wake) => setTimeout(wake, 100));
}

/** The calls of a poll and of a run on the warm way: each is done before it is recorded. */
async function measure() {
  const poll = async () => call('get_run_status', { run_id: runId });
  await recorder.learn(async () => {
    for (let count = 0; count < 3; count += 1) await runToEnd();
  });
  const runId = await runToEnd();
  await recorder.learn(poll);
  if (!(await poll()).terminal) throw new Error('the run has not ended');
  return { poll: await quietly(poll), run: await quietly(runToEnd) };
}

/**
 * The calls of files that each of several recordings enters, so that what happens once in a while (an idle connection
 * that is closed, noting when a key was last used) is no part of a walk.
 */
async function quietly(work) {
  const recordings = [];
  while (recordings.length < RECORDINGS) {
    await untilEnded();
    const calls = await recorder.record(work);
    if (await hasEnded()) recordings.push(calls);
  }
  const entered = recordings.map((calls) => new Set(calls.map(({ file }) => file)));
  return recordings.map((calls) => calls.filter(({ file }) => entered.every((files) => files.has(file))));
}
