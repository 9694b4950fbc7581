import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Installs the packages of a folder as its lock file says, unless they are there. Of processes that come side by side
 * one installs, and the others wait for it.
 */
export async function installOnce(folder) {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules', '.installed-lock');
  const installing = join(folder, '.installing');
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
  while (!isInstalled()) {
    if (!claim(installing)) {
      await wait(200);
      continue;
    }
    try {
      if (isInstalled()) return;
      await install(folder);
      writeFileSync(stamp, lock);
    } finally {
      rmSync(installing, { force: true });
    }
  }
}

/** Whether it is this process that installs. */
function claim(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAtWork(file)) rmSync(file, { force: true });
    return false;
  }
}

/** Not when whoever began has died since. */
function isAtWork(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Just made, and not written yet.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install(folder) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const child = spawn(npm, ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The packages of ${folder} could not be installed.`);
}
