import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';
import { stopProcess } from './postgres.mjs';
import { isWell, until } from '../until.mjs';

const ERRAND = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** `errand serve` in a process of its own, on a folder with `workflows` and `data`, once it is ready. `env` goes before what stands here. */
export async function serveErrand({ folder, key, env = {}, withinMs = 30_000 }) {
  const port = await freePort();
  const server = spawn(process.execPath, [ERRAND, 'serve'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ERRAND_LOG_LEVEL: 'error',
      ERRAND_PORT: String(port),
      ERRAND_DATA: join(folder, 'data'),
      ERRAND_WORKFLOWS: join(folder, 'workflows'),
      ERRAND_BOOTSTRAP_KEY: key,
      ERRAND_BOOTSTRAP_CREDITS: '1000000000',
      ERRAND_MUTATING_CALLS_PER_MINUTE: '1000000',
      ...env,
    },
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2000)));
  const isReady = () => isWell(`http://127.0.0.1:${port}/readyz`);
  try {
    await until(isReady, withinMs, () => (server.exitCode === null ? null : `the server ended: ${said}`));
  } catch (error) {
    await stopProcess(server);
    throw error;
  }
  return { server, port };
}
