// A server of the built program, for scripts that drive it from outside.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli', 'main.js');

/** Starts a server on a free port, with `key` for everything and `env` for more. Whoever calls ends the child. */
export async function startServer({ data, workflows, key, env: more = {} }) {
  const args = [program, 'serve', '--port', '0', '--data', data, '--workflows', workflows];
  const env = { PATH: process.env.PATH, ERRAND_BOOTSTRAP_KEY: key, ...more };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    const url = /Errand serves on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return { child, url };
  }
  throw new Error('The server did not start.');
}
