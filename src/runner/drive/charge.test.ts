import { describe, expect, it } from 'vitest';
import { RunUnderTest, agent, code } from '../../../test/support/runs/run-under-test.js';
import { applyEvent } from '../../core/run/apply-event.js';
import type { NodeSpec, WorkflowSpec } from '../../workflow/define-workflow.js';

const never = (): Promise<never> => new Promise(() => undefined);
const CHARGE: Partial<WorkflowSpec> = { charge: 'completed_agents' };

/** Two agents that complete, and one node more. */
const nodes = (last: NodeSpec): NodeSpec[] => [agent('a', () => 1), agent('b', () => 2), last];

async function cancelOnceBothCompleted(test: RunUnderTest): Promise<void> {
  const driving = test.drive();
  await test.clock.advance(100);
  expect(test.statuses().slice(0, 2)).toEqual(['completed', 'completed']);
  test.control.cancel('seen enough');
  await driving;
}

describe('a run whose workflow charges for completed agents', () => {
  it('costs their share when it is cancelled', async () => {
    const test = new RunUnderTest(nodes(agent('c', never)), CHARGE);
    const before = structuredClone(test.run);
    await cancelOnceBothCompleted(test);
    expect(test.run).toMatchObject({ status: 'cancelled', creditsReserved: 12, creditsConsumed: 8 });
    expect(test.log.at(-1)).toMatchObject({ kind: 'run.cancelled', creditsConsumed: 8 });
    expect(test.log.reduce(applyEvent, before)).toEqual(test.run);
  });

  it('costs their share when a node fails it, when its result does not fit, and when its time is up', async () => {
    const fails = new RunUnderTest(
      nodes(code('last', () => Promise.reject(new Error('no')), { needs: ['a', 'b'] })),
      CHARGE,
    );
    expect(await fails.drive()).toMatchObject({ status: 'failed', creditsConsumed: 12 });
    const unfit = new RunUnderTest(nodes(code('last', () => 'text', { needs: ['a', 'b'] })), {
      ...CHARGE,
      output: { type: 'number' },
    });
    expect(await unfit.drive()).toMatchObject({ status: 'failed', creditsConsumed: 12 });
    const late = new RunUnderTest(nodes(agent('c', never)), { ...CHARGE, timeout: '1s' });
    const driving = late.drive();
    await late.clock.advance(2_000);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout' }, creditsConsumed: 8 });
  });

  it('costs nothing when no agent has completed', async () => {
    const test = new RunUnderTest([agent('a', never), code('b', () => 1)], CHARGE);
    const driving = test.drive();
    await test.clock.advance(100);
    test.control.cancel('changed my mind');
    expect(await driving).toMatchObject({ status: 'cancelled', creditsConsumed: 0 });
  });
});

describe('a run whose workflow says nothing of it', () => {
  it('costs nothing when it is cancelled, whatever its agents have done', async () => {
    const test = new RunUnderTest(nodes(agent('c', never)));
    await cancelOnceBothCompleted(test);
    expect(test.run).toMatchObject({ status: 'cancelled', creditsConsumed: 0 });
    expect(test.log.at(-1)).not.toHaveProperty('creditsConsumed');
  });
});
