import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { stopProcess } from '../../bench/lib/processes/postgres.mjs';
import { isWell, until } from '../../bench/lib/until.mjs';

/**
 * A Restate of `size` nodes in `folder`: the program of the PATH, else of an npm package that is found from
 * `packageFrom`. Each node has an ingress and an admin API, and the settings of `env` beside its own.
 */
export async function startRestate(folder, { size = 1, packageFrom, partitions = 24, env = {} }) {
  const program = findOnPath() ?? findInstalled(packageFrom);
  const nodes = [];
  for (let number = 1; number <= size; number += 1) {
    nodes.push({ number, ingress: await freePort(), admin: await freePort(), own: await freePort() });
  }
  const addresses = nodes.map(({ own }) => `http://127.0.0.1:${own}`);
  const started = nodes.map((node) =>
    startNode(program, folder, node, addresses, { ...env, RESTATE_DEFAULT_NUM_PARTITIONS: String(partitions) }),
  );
  try {
    await Promise.all(started.map((node) => node.untilWell()));
  } catch (error) {
    await Promise.all(started.map((node) => node.stop('SIGKILL')));
    throw error;
  }
  return started;
}

function startNode(program, folder, { number, ingress, admin, own }, addresses, settings) {
  const base = join(folder, `restate-${number}`);
  mkdirSync(base, { recursive: true });
  const isAlone = addresses.length === 1;
  const env = {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${own}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${own}`,
    RESTATE_CLUSTER_NAME: 'errand',
    ...(isAlone
      ? {}
      : {
          RESTATE_DEFAULT_REPLICATION: '2',
          RESTATE_AUTO_PROVISION: String(number === 1),
          RESTATE_METADATA_CLIENT__ADDRESSES: JSON.stringify(addresses),
        }),
    RESTATE_LOG_FILTER: 'error',
    RESTATE_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: '1',
    ...settings,
  };
  let said = '';
  const start = () => {
    const child = spawn(program, ['--base-dir', base, '--node-name', `node-${number}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2_000)));
    }
    return child;
  };
  let child = start();
  // Whoever started it may be ended without a chance to stop it.
  process.on('exit', () => child.kill('SIGKILL'));
  const node = {
    url: `http://127.0.0.1:${ingress}`,
    adminUrl: `http://127.0.0.1:${admin}`,
    ports: { ingress, admin },
    get pid() {
      return child.pid ?? 0;
    },
    untilWell: () =>
      until(
        async () =>
          (await isWell(`http://127.0.0.1:${admin}/health`)) && isWell(`http://127.0.0.1:${ingress}/restate/health`),
        180_000,
        () => (child.exitCode === null ? null : `restate-server ended: ${said}`),
      ),
    stop: (signal = 'SIGTERM') => stopProcess(child, signal),
    /** Once more on the same data and ports, after it has ended. */
    restart: async () => {
      child = start();
      await node.untilWell();
    },
  };
  return node;
}

function findOnPath() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'restate-server')).find((file) => existsSync(file)) ?? null;
}

function findInstalled(packageFrom) {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    const { resolve } = createRequire(packageFrom);
    return join(dirname(resolve(`${name}/package.json`)), 'bin', 'restate-server');
  } catch {
    throw new Error(`there is no restate-server on the PATH, and the npm package ${name} is not installed`);
  }
}
