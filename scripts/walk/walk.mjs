// Lists the files that one poll and one run pass through, on a server in this process: `npm run walk`. ARCHITECTURE.md
// says how they are counted. A poll is a `get_run_status` from the socket and back. A run is `run_workflow` from its
// tool on, with one node of kind `code`, until its end is kept.
import { Session } from 'node:inspector/promises';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../dist/app/server.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const KEY = `sk_live_${'0'.repeat(32)}`;
const MOST = { poll: 24, run: 40 };
/** What stands behind a port of core/ports. */
const BEYOND = ['store/', 'telemetry/', 'loader/', 'app/', 'models/', 'isolation/'];
/** What a run passes before its tool is the way of every call, which the poll shows. */
const BEFORE_TOOL = /^(http|auth)\/|^mcp\/(?!native\/)/;

const session = new Session();
const folder = mkdtempSync(join(tmpdir(), 'errand-walk-'));
const server = await startServer({
  port: 0,
  data: join(folder, 'data'),
  workflowsDir: writeWorkflow(folder),
  bootstrapKey: KEY,
});
try {
  const { poll, run } = await measure();
  const walks = [report('poll', poll), report('run', new Set([...run].filter((file) => !BEFORE_TOOL.test(file))))];
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

function pollOf(runId) {
  return call('get_run_status', { run_id: runId });
}

async function runToEnd() {
  await take();
  const { run_id: runId } = await call('run_workflow', { workflow_id: 'greet', input: {} });
  for (;;) {
    // Where nothing is called that a run does not call itself.
    await new Promise((wake) => setTimeout(wake, 100));
    const files = await take();
    if ((await pollOf(runId)).terminal) return { runId, files };
  }
}

async function measure() {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  for (let count = 0; count < 3; count += 1) await runToEnd();
  const { runId, files: run } = await quietly(runToEnd);
  await pollOf(runId);
  const { files: poll } = await quietly(async () => {
    await take();
    await pollOf(runId);
    return { files: await take() };
  });
  return { poll, run };
}

/** Again while the loader has looked after the folder of workflows meanwhile. */
async function quietly(work) {
  for (;;) {
    const done = await work();
    if (![...done.files].some((file) => file.startsWith('loader/watch/'))) return done;
  }
}

/** The files with a function that was called since this was last asked. */
async function take() {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const files = new Set();
  for (const { url, functions } of result) {
    if (!url.startsWith('file:')) continue;
    const file = relative(DIST, fileURLToPath(url));
    if (file.startsWith('..')) continue;
    if (functions.some(({ ranges: [range] }) => range.count > 0 && range.startOffset > 0)) files.add(file);
  }
  return files;
}

function report(name, files) {
  const sorted = [...files].toSorted((a, b) => (a < b ? -1 : 1));
  const membersOf = (group) => sorted.filter((file) => groupOf(file) === group);
  const steps = membersOf('steps').length;
  process.stdout.write(`\n${name}: ${steps} steps of at most ${MOST[name]}, ${sorted.length} files in all\n`);
  for (const group of ['steps', 'helpers', 'core', 'beyond']) {
    const members = membersOf(group);
    process.stdout.write(`  ${group} (${members.length})\n    ${members.join('\n    ')}\n`);
  }
  return steps <= MOST[name];
}

function groupOf(file) {
  if (BEYOND.some((room) => file.startsWith(room))) return 'beyond';
  if (file.startsWith('core/')) return 'core';
  return isHelper(file) ? 'helpers' : 'steps';
}

/**
 * Whether neither it nor what it imports keeps state or waits. Types are gone from what is compiled, so these words are
 * code.
 */
function isHelper(file, above = new Set()) {
  if (above.has(file)) return true;
  const code = readFileSync(join(DIST, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
  if (/\bclass\b|\basync\b|\bawait\b|\bnew Promise\b|\bnew (Weak)?(Map|Set)\(\)|^let /m.test(code)) return false;
  const imports = [...code.matchAll(/\bfrom '(\.[^']+)'/g)].map(([, to]) =>
    relative(DIST, resolve(DIST, dirname(file), to)),
  );
  const within = new Set(above).add(file);
  return imports.every((imported) => imported.startsWith('core/') || isHelper(imported, within));
}
