/** The output of the last code node is the run's: what it was given and a token that no other execution has. */
export const HANDLER = (journal: string, cured: string): string => `
import { appendFileSync, existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const harm = {
  loop: () => { for (;;); },
  hoard: () => { for (const kept = []; ; ) kept.push(new Array(100_000).fill(Math.random())); },
  exit: () => process.exit(7),
  never: () => new Promise(() => undefined),
  throw_late: () => { setTimeout(() => { throw new Error('thrown late'); }, 300); },
  flood: async ({ progress, log }) => {
    for (let count = 0; count < 50_000; count += 1) {
      progress(count % 100, 'flood '.repeat(50));
      log.info({ count, text: 'flood '.repeat(50) }, 'flood');
      if (count % 500 === 0) await pause(1);
    }
  },
};

export default async ({ input, node, run, idempotencyKey, attempt, signal, progress, log }) => {
  const token = randomUUID();
  const note = (what) => {
    const at = Number(process.hrtime.bigint() / 1000n);
    const line = { what, at, run: run.id, node: node.id.split('/')[0], item: input.item ?? null, key: idempotencyKey, attempt, token, from: input.from };
    appendFileSync(${JSON.stringify(journal)}, JSON.stringify(line) + '\\n');
  };
  note('start');
  if (input.does !== undefined) await harm[input.does]({ progress, log });
  const steps = input.steps ?? 1;
  for (let step = 1; step <= steps; step += 1) {
    if (input.ms > 0) await pause(input.ms / steps, undefined, { signal });
    if (steps > 1) progress((100 * step) / steps, 'step ' + step);
  }
  const ill = input.fail_until_cured === true && !existsSync(${JSON.stringify(cured)} + '/' + run.id);
  if (ill || input.fail_when === true || attempt < (input.fail_until ?? 0)) {
    note('fail');
    throw new Error('as it was asked to');
  }
  note('end');
  return { token, from: input.from };
};
`;
