import { expect, it } from 'vitest';
import { chaos } from '../../chaos/chaos.js';

it('servers that are ended again and again under a mixed load keep every promise', async () => {
  const load = { kills: 6, seconds: 8, seed: 7, terms: 0.25, active: 20, orders: 40 };
  // What a server that was killed had begun to tell of is told a minute later.
  const options = { ...load, patienceMs: 2_000, say: () => undefined };
  const { verdict, killed, terminated } = await chaos(options);
  expect(verdict.violations).toEqual([]);
  expect(killed + terminated).toBeGreaterThan(0);
  const least = {
    'runs acknowledged are there': 11,
    'ends seen have not changed': 11,
    'runs have ended': 11,
    'messages are signed': 11,
    'batches were started whole, and once': 1,
    'events acknowledged reached the run that they were for, once': 1,
    'ends and questions were told to the callback': 1,
    'times of schedules started a run': 1,
  };
  for (const [what, count] of Object.entries(least)) expect(verdict.checked.get(what)).toBeGreaterThanOrEqual(count);
}, 120_000);
