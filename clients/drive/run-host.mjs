import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packages = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');

/** Runs a command of a host in its own, empty home, and gives what it prints. Throws when it fails. `input` is typed. */
export function runHost(program, args, env, input = '') {
  const home = process.env.HOME;
  const ran = spawnSync(process.execPath, [join(packages, program), ...args], {
    cwd: home,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1', ...env },
    input,
    timeout: 120_000,
  });
  const told = `${ran.stdout}\n${ran.stderr}`;
  if (ran.status !== 0) throw new Error(`${args.slice(0, 2).join(' ')} ended with ${ran.status}:\n${told}`);
  return told;
}
