// npm run conformance:inspector: the command line of the official inspector drives real workflows to their end, in both
// eras, over HTTP and over standard input and output; once it signs in.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, install } from '../scripts/folder-packages.mjs';
import { program, startServer } from '../scripts/start-server.mjs';
import { loadTypeScript } from '../test/support/load-typescript.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const workflows = join(root, 'workflows');
const key = `sk_live_${'i'.repeat(32)}`;

const ADA = { email: 'ada@example.com' };
const isAda = (output) => output?.company === 'Example Widgets';

/** Tokens are kept in a file of the home, not in the keychain of whoever runs this. */
const STORED = { MCP_INSPECTOR_SECRET_STORE: 'file' };

/** What the inspector ends with. */
const EXIT = { ok: 0, needsKey: 3, toolSaysError: 5 };

const { Person } = await loadTypeScript(new URL('../test/support/oauth/person.ts', import.meta.url));
install(here);
const node = findNode(here, '22.19');
const inspector = join(
  here,
  'node_modules',
  '@modelcontextprotocol',
  'inspector',
  'clients',
  'launcher',
  'build',
  'index.js',
);
const home = mkdtempSync(join(tmpdir(), 'errand-inspector-'));
const failures = [];
let checks = 0;

const server = await startServer({ data: join(home, 'served'), workflows, key });
try {
  const header = ['--header', `Authorization: Bearer ${key}`];
  const over = (path) => [server.url + path, '--transport', 'http'];
  for (const era of ['legacy', 'modern']) {
    const speak = ['--protocol-era', era];
    driveNative(`/mcp, ${era}`, [...over('/mcp'), ...speak, ...header]);
    driveWorkflows(`/mcp/workflows/, ${era}`, [...over('/mcp/workflows/'), ...speak, ...header]);
    driveMcpApp(`/api/mcp-app, ${era}`, [...over('/api/mcp-app'), ...speak, ...header]);
    const unknown = inspect([...over('/mcp'), ...speak, '--stored-auth-only'], ['--method', 'tools/list']);
    check(`/mcp, ${era}, without a key`, unknown.code === EXIT.needsKey, unknown);
    const command = [process.execPath, program, 'mcp', '--data', join(home, era), '--workflows', workflows];
    driveNative(`errand mcp, ${era}`, [...command, '--transport', 'stdio', ...speak]);
  }
  await driveSignIn();
} finally {
  server.child.kill();
  await once(server.child, 'exit');
  rmSync(home, { recursive: true, force: true });
}
say(failures.length === 0 ? `\nAll ${checks} checks passed.` : `\n${failures.length} of ${checks} checks failed.`);
process.exitCode = failures.length === 0 ? 0 : 1;

function driveNative(where, target) {
  const list = inspect(target, ['--method', 'tools/list', '--strict']);
  const names = list.result?.tools?.map(({ name }) => name) ?? [];
  const wanted = ['run_workflow', 'get_run_status', 'enrich_contact', 'site_checkup'];
  check(`${where}: tools/list`, list.code === EXIT.ok && wanted.every((name) => names.includes(name)), list);

  const run = call(target, 'run_workflow', { workflow_id: 'enrich_contact', input: ADA, wait_seconds: 20 });
  const { run_id: runId, status, output } = run.result?.structuredContent ?? {};
  check(`${where}: run_workflow, waited for`, run.code === EXIT.ok && status === 'completed' && isAda(output), run);

  const seen = call(target, 'get_run_status', { run_id: runId, wait_seconds: 5, detail: 'full' });
  const first = seen.result?.structuredContent?.nodes?.[0];
  check(`${where}: get_run_status`, seen.code === EXIT.ok && first?.status === 'completed', seen);

  const tool = call(target, 'enrich_contact', ADA);
  check(`${where}: a workflow's tool`, tool.code === EXIT.ok && isAda(tool.result?.structuredContent), tool);

  const none = call(target, 'get_run_status', { run_id: 'run_none' });
  const code = none.result?.structuredContent?.error?.code;
  check(`${where}: an unknown run`, none.code === EXIT.toolSaysError && code === 'not_found', none);

  const resource = inspect(target, ['--method', 'resources/read', '--uri', `errand://runs/${runId}`]);
  const text = resource.result?.contents?.[0]?.text ?? '';
  check(`${where}: resources/read`, resource.code === EXIT.ok && text.includes('completed'), resource);

  const asked = ['--prompt-name', 'enrich_contact', '--prompt-args', 'email=ada@example.com'];
  const prompt = inspect(target, ['--method', 'prompts/get', ...asked]);
  check(`${where}: prompts/get`, prompt.code === EXIT.ok && prompt.result?.messages?.length > 0, prompt);
}

function driveWorkflows(where, target) {
  const list = inspect(target, ['--method', 'tools/list']);
  check(`${where}: tools/list`, list.code === EXIT.ok && list.result?.tools?.length === 4, list);
  const run = call(target, 'run_workflow', { workflow_id: 'enrich_contact', input_data: ADA });
  const { run_id: runId } = valueOf(run);
  const ended = untilCompleted(() => call(target, 'get_run_status', { run_id: runId }));
  check(`${where}: run_workflow and get_run_status`, isAda(valueOf(ended).output), ended);
}

function driveMcpApp(where, target) {
  const list = inspect(target, ['--method', 'tools/list']);
  check(`${where}: tools/list`, list.code === EXIT.ok && list.result?.tools?.length === 6, list);
  const run = call(target, 'run_workflow', { workflowId: 'enrich_contact', configuration: ADA });
  const { runId } = valueOf(run);
  const ended = untilCompleted(() => call(target, 'get_run_status', { runId }));
  check(`${where}: run_workflow and get_run_status`, valueOf(ended).status === 'completed', ended);
}

/** From nothing to a finished run: it registers, a person allows it on the page, and a later call has its token still. */
async function driveSignIn() {
  const target = [`${server.url}/mcp`, '--transport', 'http'];
  const args = { workflow_id: 'enrich_contact', input: ADA, wait_seconds: 20 };
  const tool = ['--method', 'tools/call', '--tool-name', 'run_workflow', '--tool-args-json', JSON.stringify(args)];
  const ran = await signIn([...target, '--callback-url', 'http://127.0.0.1:0/oauth/callback', ...tool]);
  const { status, output } = ran.result?.structuredContent ?? {};
  check('/mcp, signed in: run_workflow', ran.code === EXIT.ok && status === 'completed' && isAda(output), ran);
  const list = inspect([...target, '--stored-auth-only'], ['--method', 'tools/list']);
  check('/mcp, signed in: tools/list later', list.code === EXIT.ok && list.result?.tools?.length > 0, list);
}

/** The inspector prints the address of the page where no browser is, and waits for who comes back. */
async function signIn(args) {
  const env = { PATH: '', HOME: home, ...STORED, NO_COLOR: '1', MCP_AUTO_OPEN_ENABLED: 'true' };
  const child = spawn(node, [inspector, '--cli', ...args, '--format', 'json'], { env, timeout: 60_000 });
  let out = '';
  let err = '';
  /** @type {Promise<Response>[]} */
  const returned = [];
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => {
    err += data;
    const url = /(http\S+\/oauth\/authorize\?\S+)\s/.exec(err)?.[1];
    if (url !== undefined && returned.length === 0)
      returned.push(new Person(key).consent(url).then((back) => fetch(back)));
  });
  const [code] = await once(child, 'close');
  const [answer] = await Promise.all(returned);
  check('/mcp, signing in: the person is sent back', answer?.status === 200, { code, out, err });
  return { code, result: resultIn(out), out, err };
}

/** Each call takes the inspector about a second, which is pause enough. */
function untilCompleted(ask) {
  let answer = ask();
  for (let left = 20; left > 0 && valueOf(answer).status !== 'completed'; left--) answer = ask();
  return answer;
}

/** Of contracts that give it as text. */
function valueOf({ result }) {
  try {
    return JSON.parse(result?.content?.[0]?.text ?? '{}');
  } catch {
    return {};
  }
}

function call(target, tool, args) {
  return inspect(target, ['--method', 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args)]);
}

function inspect(target, what) {
  const env = { PATH: process.env.PATH, HOME: home, ...STORED, NO_COLOR: '1' };
  const ran = spawnSync(node, [inspector, '--cli', ...target, ...what, '--format', 'json'], {
    encoding: 'utf8',
    env,
    timeout: 60_000,
    maxBuffer: 2 ** 26,
  });
  return { code: ran.status, result: resultIn(ran.stdout), out: ran.stdout, err: ran.stderr };
}

function resultIn(out) {
  try {
    return JSON.parse(out).result;
  } catch {
    return undefined;
  }
}

function check(what, passed, { code, out, err }) {
  checks += 1;
  say(`${passed ? 'ok    ' : 'FAILED'} ${what}`);
  if (passed) return;
  failures.push(what);
  say(`  exit code ${code}\n  ${out.slice(0, 1_000)}\n  ${err.slice(0, 1_000)}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
