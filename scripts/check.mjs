// What is checked before the tests, side by side: what each says follows when it has ended, in the order given here.
import { spawn } from 'node:child_process';

/** Of a program that is built: `npm run walk` would build it again. */
const CHECKS = [
  'npm run --silent lint',
  'npm run --silent types',
  'node scripts/sizes.mjs',
  'node scripts/walk/walk.mjs',
];

function run(name) {
  const child = spawn(name, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ name, said, isWell: code === 0 }));
  });
}

const checks = CHECKS.map(run);
const failed = [];
for (const check of checks) {
  const { name, said, isWell } = await check;
  process.stdout.write(said);
  if (!isWell) failed.push(name);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exit(1);
}
