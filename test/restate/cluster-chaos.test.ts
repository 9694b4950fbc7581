import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { clusterChaos } from '../../chaos/cluster/cluster-chaos.js';
import { installOnce } from '../../cluster/lib/install-once.mjs';
import { repository } from '../support/server/server-process.js';

beforeAll(() => installOnce(join(repository, 'cluster')), 180_000);

it('several processes that are ended, paused and cut off under a mixed load keep every promise', async () => {
  const { verdict, struck } = await clusterChaos({
    strikes: 5,
    seconds: 20,
    seed: 7,
    active: 12,
    processes: 3,
    restateNodes: 1,
    patienceMs: 5_000,
    say: () => undefined,
  });
  expect(verdict.violations).toEqual([]);
  expect(struck).toBeGreaterThan(0);
  for (const what of ['runs acknowledged are there', 'ends seen have not changed', 'runs have ended'])
    expect(verdict.checked.get(what)).toBeGreaterThan(5);
}, 400_000);
