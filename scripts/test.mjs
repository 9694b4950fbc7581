// What `npm test` does once all is built: the checks of `check.mjs` beside the tests, which leave them room enough, and
// the walks, which need the machine for themselves, when both have ended. What is given goes to the tests.
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

const checks = spawn(process.execPath, ['scripts/check.mjs', '--static'], { stdio: ['ignore', 'pipe', 'pipe'] });
let said = '';
for (const [stream, out] of [
  [checks.stdout, process.stdout],
  [checks.stderr, process.stderr],
])
  stream.setEncoding('utf8').on('data', (text) => {
    said += text;
    out.write(text);
  });
// The tests go first where both want the processors.
if (checks.pid !== undefined) setPriority(checks.pid, 10);
const tests = spawn(npx, ['vitest', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
const [areChecked, areTested] = await Promise.all([ended(checks), ended(tests)]);
const areShort = await ended(spawn(process.execPath, ['scripts/walk/walk.mjs'], { stdio: 'inherit' }));
// It stands among what the tests said, minutes above.
if (!areChecked) console.error(`\nThe checks failed. They said:\n\n${said}`);
process.exitCode = areChecked && areTested && areShort ? 0 : 1;
