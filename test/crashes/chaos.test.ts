import { expect, it } from 'vitest';
import { chaos } from '../../chaos/chaos.js';

it('servers that are ended again and again under a mixed load keep every promise', async () => {
  const options = { kills: 6, seconds: 8, seed: 7, terms: 0.25, active: 20, orders: 40, say: () => undefined };
  const { verdict, killed, terminated } = await chaos(options);
  expect(verdict.violations).toEqual([]);
  expect(killed + terminated).toBeGreaterThan(0);
  for (const what of ['runs acknowledged are there', 'ends seen have not changed', 'runs have ended'])
    expect(verdict.checked.get(what)).toBeGreaterThan(10);
}, 120_000);
