// Checks the types of the program, the console and the app. What the compiler found out is kept in
// node_modules/.cache/, so that the next check looks at what has changed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const part of ['.', 'console', 'mcp-app']) {
  const cache = `node_modules/.cache/types-${part === '.' ? 'errand' : part}.tsbuildinfo`;
  const args = ['tsc', '-p', `${part}/tsconfig.json`, '--incremental', '--tsBuildInfoFile', cache];
  const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}
