import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { stopProcess } from '../../bench/lib/processes/postgres.mjs';
import { until } from '../../bench/lib/until.mjs';

/** A PgBouncer in transaction mode. */
export interface TestPooler {
  /** The way through it to a database. */
  through(url: string): string;
  /** Tells or does what an operator asks of it: `SHOW POOLS`, `RECONNECT`. */
  ask(command: string): Promise<Record<string, unknown>[]>;
  /** Kills it, and all connections with it, and starts it again on its port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PoolerOptions {
  /** Connections to each database. */
  readonly size: number;
  /** How many statements it keeps prepared on each; 0 is none. It must be one that can: see `canPrepare`. */
  readonly prepared?: number;
  /** More of its settings. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** PgBouncer refuses to run as root: it then runs as `nobody`. */
const NOBODY = 65_534;
const PREPARES_FROM = [1, 21];
/** Debian keeps it beside the PATH of users. */
const program = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'pgbouncer'))
  .find((file) => existsSync(file));
const version = program === undefined ? null : readVersion(program);

/** Whether there is one on this machine. */
export const isThere = version !== null;
/** Whether it knows of prepared statements. */
export const canPrepare = version !== null && isFrom(version, PREPARES_FROM);

/** In front of the Postgres server of `url`. */
export async function startPooler(
  url: string,
  { size, prepared = 0, settings = {} }: PoolerOptions,
): Promise<TestPooler> {
  if (program === undefined) throw new Error('there is no pgbouncer');
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'errand-pooler-')), await freePort()];
  const { hostname, port: serverPort } = new URL(url);
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(folder, 'users'),
    admin_users: 'postgres',
    pool_mode: 'transaction',
    default_pool_size: size,
    max_client_conn: 1_000,
    server_login_retry: 1,
    ...(canPrepare ? { max_prepared_statements: prepared } : {}),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]\n* = host=${hostname} port=${serverPort}\n[pgbouncer]\n${lines.join('')}`,
  );
  writeFileSync(join(folder, 'users'), '"postgres" ""\n');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  chmodSync(folder, 0o755);
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const through = (to: string): string => {
    const way = new URL(to);
    way.port = String(port);
    return way.href;
  };
  const ask = (command: string): Promise<Record<string, unknown>[]> => askPooler(through(url), command);
  const start = async (): Promise<ChildProcess> => {
    const started = spawn(program, [join(folder, 'pgbouncer.ini')], { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
    await untilItAnswers(started, () => ask('SHOW VERSION'));
    return started;
  };
  let pooler = await start();
  return {
    through,
    ask,
    restart: async () => {
      await stopProcess(pooler, 'SIGKILL');
      pooler = await start();
    },
    stop: async () => {
      await stopProcess(pooler, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function askPooler(url: string, command: string): Promise<Record<string, unknown>[]> {
  const admin = new URL(url);
  admin.pathname = '/pgbouncer';
  const client = new Client({ connectionString: admin.href });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(command)).rows;
  } finally {
    await client.end();
  }
}

async function untilItAnswers(pooler: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  let said = '';
  pooler.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  await until(
    () =>
      ask().then(
        () => true,
        () => false,
      ),
    10_000,
    () => (pooler.exitCode === null ? null : `PgBouncer ended: ${said}`),
  );
}

function readVersion(file: string): readonly number[] | null {
  const said = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const found = /PgBouncer (\d+)\.(\d+)/.exec(said);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

function isFrom(
  [major = 0, minor = 0]: readonly number[],
  [wantedMajor = 0, wantedMinor = 0]: readonly number[],
): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
