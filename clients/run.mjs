// npm run clients: MCP clients that people use connect to a server, list its tools, run a workflow and poll it to its
// end. `npm run clients -- langchain mastra` drives some of them only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, install } from '../scripts/folder-packages.mjs';
import { startServer } from '../scripts/start-server.mjs';
import { loadTypeScript } from '../test/support/load-typescript.mjs';
import { loadModelServer } from '../test/support/model-servers/load-model-server.mjs';
import { answerAsModel } from './model.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const key = `sk_live_${'c'.repeat(32)}`;
const MAX_MS = 240_000;
/** Hosts have tools of their own, too. */
const OWN_TOOLS = /(?:run_workflow|get_run_status|list_runs|rerun|answer_run|greet_slowly|take_anything)$/;

/** Those that sign in; the others have a key. The terminal for `claude mcp login` and the browser for Gemini are those of Linux. */
const SIGN_IN = [
  'ai-sdk-sign-in',
  'langchain-sign-in',
  'mastra-sign-in',
  'openai-agents-sign-in',
  'mcp-remote-sign-in',
  ...(process.platform === 'linux' ? ['claude-code-sign-in', 'gemini-cli-sign-in'] : []),
];
const CLIENTS = [
  'ai-sdk',
  'langchain',
  'mastra',
  'openai-agents',
  'mcp-remote',
  'claude-code',
  'gemini-cli',
  ...SIGN_IN,
];
const MOUNTS = ['/mcp', '/mcp/key'];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CLIENTS.includes(name));
if (unknown.length > 0) {
  say(`There is no client ${unknown.join(', ')}. There are: ${CLIENTS.join(', ')}.`);
  process.exit(2);
}

install(here);
const node = findNode(here, '22.13');
const home = mkdtempSync(join(tmpdir(), 'errand-clients-'));
const { faultsAt } = await loadTypeScript(new URL('../test/support/contracts/strict-hosts.ts', import.meta.url));
const { startModelServer } = await loadModelServer();
const models = await startModelServer({ script: answerAsModel });
const server = await startServer({ data: join(home, 'data'), workflows: join(here, 'workflows'), key });
const failed = [];
try {
  for (const client of CLIENTS.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    for (const mount of SIGN_IN.includes(client) ? ['/mcp'] : MOUNTS) await drive(client, mount);
  }
  checkShownTools();
} finally {
  server.child.kill();
  await once(server.child, 'exit');
  await models.close();
  rmSync(home, { recursive: true, force: true });
}
say(failed.length === 0 ? '\nEvery client came to the end.' : `\nNot as expected: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function drive(client, mount) {
  const begun = performance.now();
  const own = join(home, client + mount.replaceAll('/', '-'));
  mkdirSync(own);
  const child = spawn(node, [join(here, 'drive', SIGN_IN.includes(client) ? 'sign-in' : '', `${client}.mjs`)], {
    cwd: own,
    env: {
      PATH: process.env.PATH,
      HOME: own,
      ERRAND_URL: server.url + mount,
      ERRAND_API_KEY: key,
      MODELS_URL: models.origin,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MAX_MS,
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (told += data));
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  tell(`${client} at ${mount}, ${seconds} s`, code === 0 ? [] : [told]);
}

/** What hosts made of the tools when they showed them to a model. */
function checkShownTools() {
  const shown = models.requests.filter(({ tools }) => tools.some(({ name }) => name.endsWith('run_workflow')));
  const providers = { 'openai-responses': 'openai', anthropic: 'anthropic', google: 'google' };
  for (const [api, provider] of Object.entries(providers)) {
    const tools = shown
      .filter((request) => request.api === api)
      .flatMap((request) => request.tools.filter(({ name }) => OWN_TOOLS.test(name)));
    const faults = faultsAt(
      provider,
      tools.map(({ name, description, inputSchema }) => ({ name, description, parameters: inputSchema })),
    );
    if (tools.length > 0) tell(`tools as models of ${provider} were shown them`, [...new Set(faults)]);
  }
}

function tell(what, faults) {
  say(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${what}`);
  if (faults.length === 0) return;
  failed.push(what);
  say(`  ${faults.join('\n').slice(0, 4_000).replaceAll('\n', '\n  ')}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
