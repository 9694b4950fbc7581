import { expect, it } from 'vitest';
import { chaos } from '../../chaos/chaos.js';

it('servers whose workflows loop, eat memory, exit and flood keep every promise to the others', async () => {
  const harm = { afterMs: 2_000, lifeMs: 4_000, moreMs: 1_000 };
  const load = { kills: 2, seconds: 12, seed: 11, terms: 0.5, active: 20, cancels: 0 };
  const options = { ...load, harm, patienceMs: 2_000, say: () => undefined };
  const { verdict, evidence, times } = await chaos(options);
  expect(verdict.violations).toEqual([]);
  expect(verdict.checked.get('runs have ended')).toBeGreaterThan(20);
  expect(times?.beside.runs).toBeGreaterThan(0);
  const runs = [...evidence.records.runs.values()].map(({ record }) => record);
  const kindOf = (workflow: string) =>
    runs.filter((run) => run.workflow_id === workflow).map(({ error }) => error?.kind ?? null);
  expect(kindOf('loops')).toContain('timeout');
  expect(kindOf('hoards')).toContain('out_of_memory');
  expect(kindOf('exits')).toContain('crashed');
}, 240_000);
