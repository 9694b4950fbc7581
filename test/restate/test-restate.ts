import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { stopProcess } from '../../bench/lib/processes/postgres.mjs';
import { until } from '../../bench/lib/until.mjs';
import { installOnce } from '../support/install-once.js';

export interface TestRestate {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const SERVER = join(import.meta.dirname, 'server');

/** A Restate of its own, of one node: that of the PATH, else one from npm, which is installed when it is missing. */
export async function startTestRestate(): Promise<TestRestate> {
  const program = findOnPath() ?? (await findInstalled());
  const folder = mkdtempSync(join(tmpdir(), 'errand-restate-'));
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(program, ['--base-dir', folder, '--node-name', 'test'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_DEFAULT_NUM_PARTITIONS: '4',
      RESTATE_LOG_FILTER: 'error',
      RESTATE_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: '1',
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  }
  const adminUrl = `http://127.0.0.1:${admin}`;
  await until(
    () =>
      fetch(`${adminUrl}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
    () => (child.exitCode === null ? null : `restate-server ended: ${said}`),
  );
  return {
    url: `http://127.0.0.1:${ingress}`,
    adminUrl,
    pid: child.pid ?? 0,
    stop: async () => {
      await stopProcess(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findOnPath(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'restate-server')).find((file) => existsSync(file)) ?? null;
}

async function findInstalled(): Promise<string> {
  await installOnce(SERVER);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  const { resolve } = createRequire(join(SERVER, 'package.json'));
  return join(dirname(resolve(`${name}/package.json`)), 'bin', 'restate-server');
}
