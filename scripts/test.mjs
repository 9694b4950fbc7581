// What `npm test` does once all is built: the checks of `check.mjs` beside the tests, which leave them room enough. What
// is given goes to the tests.
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

const checks = spawn(process.execPath, ['scripts/check.mjs'], { stdio: 'inherit' });
// The tests go first where both want the processors.
if (checks.pid !== undefined) setPriority(checks.pid, 10);
const tests = spawn(npx, ['vitest', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
const [areChecked, areTested] = await Promise.all([ended(checks), ended(tests)]);
if (!areChecked) console.error('The checks failed: what they said stands among what the tests said.');
process.exitCode = areChecked && areTested ? 0 : 1;
