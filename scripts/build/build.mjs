import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { bundle } from './bundle.mjs';
import { compile } from './compile.mjs';
import { buildConsole } from './console.mjs';
import { BuildFailure } from './failure.mjs';
import { buildMcpApp } from './mcp-app.mjs';
import { prepareWorkflows } from './prepare.mjs';
import { listSources, takeStamp, writeStamp } from './sources.mjs';

export { BuildFailure };

const HOUR_MS = 3_600_000;

/**
 * Makes dist/ aside and moves it there whole: a server that was started from it goes on, and reads some files only when
 * it needs them. Made beside it, as source maps name their sources by the way to them. Throws a BuildFailure when it
 * cannot be made.
 */
export async function build(root) {
  const dist = join(root, 'dist');
  const folders = [];
  const cleanUp = () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  const stop = new AbortController();
  const ignore = onSignal((exitCode) => {
    stop.abort();
    cleanUp();
    process.exit(exitCode);
  });
  try {
    removeLeftovers(root);
    const made = makeFolder(root);
    const before = `${made}-before`;
    folders.push(made, before);
    const sources = listSources(root);
    const stamp = takeStamp(root, sources);
    const console = buildConsole({ root, made });
    // Its failure is told once the compiler has had its say.
    console.catch(() => undefined);
    await compile({ root, made, sources, signal: stop.signal });
    await console;
    await buildMcpApp({ root, made });
    copyOthers({ root, made, sources });
    await bundle({ root, made, sources });
    chmodSync(join(made, 'cli', 'main.js'), 0o755);
    writeStamp(made, stamp);
    chmodSync(made, 0o755);
    putInPlace({ made, dist, before });
    prepareWorkflows(root);
  } finally {
    ignore();
    cleanUp();
  }
}

/** With the process in its name, so that the next build knows one that was cut off. */
function makeFolder(root) {
  try {
    return mkdtempSync(join(root, `.build-${process.pid}-`));
  } catch (error) {
    throw new BuildFailure(`a build cannot be written to ${root}: ${error.message}`, 'place');
  }
}

function removeLeftovers(root) {
  for (const name of readdirSync(root)) {
    const pid = /^\.build-(\d+)-/.exec(name)?.[1];
    if (!name.startsWith('.build-') || (pid === undefined ? isYoung(join(root, name)) : isAlive(Number(pid)))) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
    } catch {
      // Somebody else's.
    }
  }
}

function isYoung(folder) {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs < HOUR_MS;
}

function isAlive(pid) {
  // One with this process's number is of another container, or of before the machine was started again.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function onSignal(end) {
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  const listeners = Object.entries(signals).map(([signal, exitCode]) => [signal, () => end(exitCode)]);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

function copyOthers({ root, made, sources }) {
  for (const source of sources) {
    if (!/\.(sql|json|html|mjs)$/.test(source) || !source.startsWith(`src${sep}`)) continue;
    const to = join(made, source.slice(`src${sep}`.length));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, source), to);
  }
}

/** Another build may put its own there meanwhile: the last one wins. */
function putInPlace({ made, dist, before }) {
  mkdirSync(before);
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (existsSync(dist)) renameSync(dist, join(before, String(attempt)));
      renameSync(made, dist);
      return;
    } catch (error) {
      if (attempt === 5) throw new BuildFailure(`the build cannot be put into ${dist}: ${error.message}`, 'place');
    }
  }
}
