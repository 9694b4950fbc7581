import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const WORKFLOWS = fileURLToPath(new URL('./workflows', import.meta.url));

/** `errand serve` as it is, in a data folder of its own. */
export async function startErrand({ data, key, nodeOptions = [], env = {} }) {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, 'serve', '--port', '0', '--data', data], {
    env: {
      PATH: process.env.PATH,
      ERRAND_BOOTSTRAP_KEY: key,
      ERRAND_BOOTSTRAP_CREDITS: '1000000',
      ERRAND_WORKFLOWS: WORKFLOWS,
      // A key may make 10,000 calls a second unless told otherwise, and here all calls are made with one.
      ERRAND_CALLS_PER_MINUTE: '100000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await new Promise((resolve, reject) => {
    let said = '';
    const read = (chunk) => {
      said += chunk;
      const found = /Errand serves on (\S+)/.exec(said);
      if (found !== null) resolve(found[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`errand serve ended with ${code}:\n${said}`)));
  });
  return { url, pid: child.pid, stop: () => stop(child, () => child.kill('SIGTERM')) };
}

/** One of `servers/`, given what it is to serve. */
export async function startServer(name, given) {
  const child = fork(fileURLToPath(new URL(`./servers/${name}.mjs`, import.meta.url)), { stdio: 'inherit' });
  child.send(given);
  const url = await new Promise((resolve, reject) => {
    child.once('message', ({ url: at }) => resolve(at));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  return { url, pid: child.pid, stop: () => stop(child, () => child.disconnect()) };
}

/** A process of clients; `apply` puts one load on a server and gives what was measured. */
export function startClients() {
  const child = fork(fileURLToPath(new URL('./load-child.mjs', import.meta.url)), { stdio: 'inherit' });
  return {
    apply: async (load) => {
      child.send(load);
      const [{ measured, error }] = await once(child, 'message');
      if (error !== undefined) throw new Error(error);
      return measured;
    },
    stop: () => stop(child, () => child.disconnect()),
  };
}

async function stop(child, ask) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  ask();
  await ended;
}

/** Seconds of processor that a process has used; null where the system does not tell (no /proc). */
export function processorSeconds(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}
