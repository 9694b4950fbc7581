// npm run chaos:failover: three Errand processes on a Postgres with a synchronous standby. The primary is killed under
// load, the standby is promoted, and the way to the database leads there: every run that was acknowledged has to be there
// and end. Needs the programs of Postgres, pg_basebackup and pg_ctl among them, on the PATH or where Debian has them.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../bench/lib/processes/free-port.mjs';
import { until } from '../bench/lib/until.mjs';
import { writeThreeSteps } from '../bench/lib/three-steps.mjs';
import { installPrograms, startCluster } from '../cluster/lib/start-cluster.mjs';

const KEY = `sk_live_${'f'.repeat(32)}`;
const CALLERS = 8;
const NOBODY = 65_534;
const say = (line) => process.stdout.write(`${line}\n`);

const debian = '/usr/lib/postgresql';
if (existsSync(debian)) {
  const newest = readdirSync(debian).toSorted((a, b) => Number(b) - Number(a))[0];
  process.env.PATH = `${join(debian, newest, 'bin')}:${process.env.PATH}`;
}
await installPrograms();
const folder = mkdtempSync(join(tmpdir(), 'errand-failover-'));
writeThreeSteps(join(folder, 'workflows'));
const cluster = await startCluster({
  folder,
  workflows: join(folder, 'workflows'),
  key: KEY,
  processes: 3,
  restateNodes: 1,
  isDisturbed: true,
  env: { ERRAND_BOOTSTRAP_CREDITS: '1000000', ERRAND_LOG_LEVEL: 'fatal' },
});
const port = await freePort();
try {
  await startStandby();
  const told = { accepted: new Set(), refused: 0 };
  const over = new AbortController();
  const calling = Array.from({ length: CALLERS }, (_, number) => call(number, told, over.signal));
  await until(async () => told.accepted.size > 300, 60_000);
  const before = told.accepted.size;
  await cluster.postgres.stop('SIGQUIT');
  program('pg_ctl', ['promote', '-w', '-D', join(folder, 'standby')]);
  for (const { database } of cluster.members) {
    database.remove(Number(new URL(cluster.postgres.url).port));
    database.add(port);
  }
  const since = Date.now();
  await until(async () => told.accepted.size > before + 300, 120_000);
  say(`300 more runs were accepted within ${Date.now() - since} ms of the failover`);
  over.abort();
  await Promise.all(calling);
  const missing = [];
  for (const id of told.accepted) if (!(await hasCompleted(id))) missing.push(id);
  say(`${told.accepted.size} runs acknowledged, ${before} of them before the failover; ${told.refused} calls refused`);
  say(missing.length === 0 ? 'All are there, and have completed.' : `MISSING or unfinished: ${missing.join(', ')}`);
  process.exitCode = missing.length === 0 ? 0 : 1;
} finally {
  spawnSync('pg_ctl', ['stop', '-m', 'immediate', '-D', join(folder, 'standby')], asNobody());
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function startStandby() {
  const primary = new Client({ connectionString: cluster.postgres.url });
  primary.on('error', () => undefined);
  await primary.connect();
  const data = join(folder, 'standby');
  mkdirSync(data, { mode: 0o700 });
  if (process.getuid?.() === 0) chownSync(data, NOBODY, NOBODY);
  const { hostname, port: from } = new URL(cluster.postgres.url);
  program('pg_basebackup', ['-h', hostname, '-p', from, '-U', 'postgres', '-D', data, '-R', '-X', 'stream']);
  program('pg_ctl', [
    'start',
    '-w',
    '-D',
    data,
    '-l',
    join(data, 'log'),
    '-o',
    `-p ${port} -k ${data} -c max_connections=200`,
  ]);
  await primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
  await primary.query('SELECT pg_reload_conf()');
  const states = async () => (await primary.query('SELECT sync_state FROM pg_stat_replication')).rows;
  await until(async () => (await states()).some((row) => row.sync_state === 'sync'), 60_000);
  await primary.end();
}

function program(name, args) {
  const { status, stderr } = spawnSync(name, args, { ...asNobody(), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`, { cause: args });
}

function asNobody() {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return { ...user, env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] };
}

async function call(number, told, signal) {
  for (let sent = 0; !signal.aborted; sent += 1) {
    const { url } = cluster.members[(number + sent) % cluster.members.length];
    try {
      const { status, body } = await ask(`${url}/api/v1/runs`, {
        workflow_id: 'three',
        input: { n: sent },
        idempotency_key: `${number}-${sent}`,
      });
      if (status < 300) told.accepted.add(body.id ?? body.run_id);
      else told.refused += 1;
    } catch {
      told.refused += 1;
    }
  }
}

async function hasCompleted(id) {
  const url = `${cluster.members[0].url}/api/v1/runs/${id}`;
  const isDone = async () => (await ask(`${url}?wait_seconds=5`)).body.status === 'completed';
  return until(isDone, 60_000).then(
    () => true,
    () => false,
  );
}

async function ask(url, body) {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
