import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { installOnce } from '../../../cluster/lib/install-once.mjs';

/** The Deno of the PATH, else one from npm, which is installed when it is missing; or why there is none. */
export async function findDeno(): Promise<{ readonly program: string } | { readonly lacking: string }> {
  if (spawnSync('deno', ['--version']).status === 0) return { program: 'deno' };
  const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`;
  const program = join(import.meta.dirname, 'node_modules', '@deno', platform, 'deno');
  try {
    await installOnce(import.meta.dirname);
  } catch (error) {
    return { lacking: `no Deno is on the PATH, and none could be had from npm: ${(error as Error).message}` };
  }
  return existsSync(program) ? { program } : { lacking: `npm has no Deno for ${platform}, and none is on the PATH` };
}

export interface DenoRun {
  readonly program: string;
  /** A module. */
  readonly code: string;
  /** The only thing that it may do: call this `host:port`. */
  readonly calls: string;
  /** For what Deno keeps. */
  readonly folder: string;
}

/** What a module writes that Deno runs. */
export async function runInDeno({ program, code, calls, folder }: DenoRun): Promise<string> {
  const args = ['run', '--no-prompt', '--no-config', '--no-lock', '--no-remote', `--allow-net=${calls}`, '-'];
  const env = { PATH: process.env['PATH'], DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  const child = spawn(program, args, { cwd: folder, env });
  child.stdin.end(code);
  const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (exitCode !== 0) throw new Error(`Deno ended with ${exitCode}: ${err}`);
  return out;
}
