import { expect, it } from 'vitest';
import { chaos } from '../../chaos/chaos.js';

it('servers that are ended again and again under a mixed load keep every promise', async () => {
  const load = { kills: 6, seconds: 8, seed: 7, terms: 0.25, active: 20, orders: 40 };
  // What a server that was killed had begun to tell of is told a minute later.
  const options = { ...load, patienceMs: 2_000, say: () => undefined };
  const { verdict, killed, terminated } = await chaos(options);
  expect(verdict.violations).toEqual([]);
  expect(killed + terminated).toBeGreaterThan(0);
  for (const what of [
    'runs acknowledged are there',
    'ends seen have not changed',
    'runs have ended',
    'messages are signed',
  ])
    expect(verdict.checked.get(what)).toBeGreaterThan(10);
  for (const what of [
    'batches were started whole, and once',
    'events acknowledged reached the run that they were for, once',
    'ends and questions were told to the callback',
    'times of schedules started a run',
  ])
    expect(verdict.checked.get(what)).toBeGreaterThan(0);
}, 120_000);
