import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Installs the packages of a folder as its lock says. Test files run side by side: one installs, the others wait. */
export async function installOnce(folder: string): Promise<void> {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules', '.installed-lock');
  const installing = join(folder, '.installing');
  const isInstalled = (): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
  while (!isInstalled()) {
    try {
      mkdirSync(installing);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    try {
      if (isInstalled()) return;
      await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
      writeFileSync(stamp, lock);
    } finally {
      rmSync(installing, { recursive: true, force: true });
    }
  }
}
