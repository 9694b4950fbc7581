// What is checked beside the tests, side by side: what each says follows when it has ended, in the order given here.
// `--static` leaves out what runs a server, which others at work would change.
import { spawn } from 'node:child_process';

/** Of a program that is built: `npm run walk` would build it again. */
const WALK = 'node scripts/walk/walk.mjs';
const CHECKS = ['npm run --silent lint', 'npm run --silent types', 'node scripts/sizes.mjs', WALK];

function run(name) {
  const child = spawn(name, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ name, said, isWell: code === 0 }));
  });
}

const isStatic = process.argv.includes('--static');
const checks = CHECKS.filter((name) => name !== WALK || !isStatic).map(run);
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
