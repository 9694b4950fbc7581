import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { startPostgres, stopProcess } from '../../bench/lib/processes/postgres.mjs';
import { isWell, until } from '../../bench/lib/until.mjs';
import { Balancer } from './balancer.mjs';
import { installOnce } from './install-once.mjs';
import { startRestate } from './restate.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist', 'cli', 'main.js');
export const packageFrom = new URL('../package.json', import.meta.url).href;
const SECRET_KEY = Buffer.alloc(32, 1).toString('base64');

/** Installs Postgres and Restate from npm, once. */
export const installPrograms = () => installOnce(here);

/**
 * Postgres, `restateNodes` nodes of Restate and `processes` Errand processes in `folder`, with balancers between them:
 * one for clients, one for Restate's calls, two for what Errand asks of Restate; and where the way to Postgres is to be
 * disturbed, one there for each process. `startPooler` starts what stands before Postgres, given its URL.
 */
export async function startCluster({
  folder,
  workflows,
  key,
  processes,
  restateNodes,
  port = 0,
  env = {},
  settings = [],
  isDisturbed = false,
  startPooler = null,
}) {
  mkdirSync(folder, { recursive: true });
  const stops = [];
  const stop = async () => {
    for (const step of stops.splice(0).toReversed()) await step().catch(() => undefined);
  };
  try {
    const postgres = await startPostgres(folder, { packageFrom, settings });
    stops.push(() => postgres.stop('SIGINT'));
    const { pooler, databaseUrl } = await startBefore(postgres, startPooler, stops);
    const restate = await startRestate(folder, { size: restateNodes, packageFrom });
    for (const node of restate) stops.push(() => node.stop('SIGKILL'));
    const [clients, calls, ingress, admin] = await startBalancers(port, stops);
    for (const { ports } of restate) {
      ingress.add(ports.ingress);
      admin.add(ports.admin);
    }
    const members = [];
    const joinOne = async () => {
      const database = isDisturbed ? await startWay(databaseUrl, stops) : null;
      const member = await startMember({
        database,
        folder: join(folder, `errand-${members.length + 1}`),
        env: {
          ERRAND_WORKFLOWS: workflows,
          ERRAND_BOOTSTRAP_KEY: key,
          ERRAND_DATABASE_URL: database === null ? databaseUrl : urlThrough(database, databaseUrl),
          ERRAND_RESTATE_URL: ingress.url,
          ERRAND_RESTATE_ADMIN_URL: admin.url,
          ERRAND_RESTATE_ADVERTISE: calls.url,
          ERRAND_SECRET_KEY: SECRET_KEY,
          ...env,
        },
      });
      members.push(member);
      stops.push(() => member.stop('SIGTERM'));
      calls.add(member.callPort);
      await member.untilReady();
      clients.add(member.port);
      return member;
    };
    for (let number = 1; number <= processes; number += 1) await joinOne();
    return { postgres, pooler, restate, members, clients, calls, ingress, admin, url: clients.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startBefore({ url }, startPooler, stops) {
  if (startPooler === null) return { pooler: null, databaseUrl: url };
  const pooler = await startPooler(url);
  stops.push(() => pooler.stop());
  return { pooler, databaseUrl: pooler.through(url) };
}

async function startWay(url, stops) {
  const way = new Balancer();
  await way.start();
  way.add(Number(new URL(url).port));
  stops.push(() => way.stop());
  return way;
}

function urlThrough(way, url) {
  const through = new URL(url);
  through.port = new URL(way.url).port;
  return through.href;
}

async function startBalancers(port, stops) {
  const balancers = [];
  for (const at of [port, 0, 0, 0]) {
    const balancer = new Balancer();
    await balancer.start(at);
    balancers.push(balancer);
    stops.push(() => balancer.stop());
  }
  return balancers;
}

/** One Errand process, which can be started again on its folder and ports. */
async function startMember({ folder, env, database }) {
  mkdirSync(folder, { recursive: true });
  const [port, callPort] = [await freePort(), await freePort()];
  let said = '';
  const start = (main = program) => {
    const child = spawn(process.execPath, [main, 'serve'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ERRAND_LOG_LEVEL: 'warn',
        ERRAND_PORT: String(port),
        ERRAND_DATA: join(folder, 'data'),
        ERRAND_RESTATE_LISTEN: `127.0.0.1:${callPort}`,
        ...env,
      },
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-4_000)));
    return child;
  };
  let child = start();
  process.on('exit', () => child.kill('SIGKILL'));
  const isReady = () => isWell(`http://127.0.0.1:${port}/readyz`);
  return {
    port,
    callPort,
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return child.pid;
    },
    get said() {
      return said;
    },
    get ended() {
      return child.exitCode ?? child.signalCode;
    },
    untilReady: () => until(isReady, 180_000, () => (child.exitCode === null ? null : `the server ended: ${said}`)),
    stop: (signal = 'SIGTERM') => stopProcess(child, signal),
    restart: (main) => {
      child = start(main);
    },
    database,
  };
}
