import { describe, expect, it } from 'vitest';
import { RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { NodeSpec } from '../../workflow/define-workflow.js';

const each = (inner: object): NodeSpec => ({
  id: 'each',
  kind: 'map',
  over: '{{ input.items }}',
  do: { kind: 'transform', ...inner },
});

describe('a map', () => {
  it('of nodes that wait for nothing lets others have a turn', async () => {
    const items = Array.from({ length: 20_000 }, () => 1);
    const test = new RunUnderTest([each({ with: '{{ item }}' })], {}, { items });
    let turns = 0;
    let going = true;
    const count = (): void => {
      turns += 1;
      if (going) setTimeout(count, 1);
    };
    count();
    const startedAt = performance.now();
    const run = await test.drive();
    going = false;
    expect(run).toMatchObject({ status: 'completed', output: items });
    expect(turns).toBeGreaterThan((performance.now() - startedAt) / 100);
    expect(test.commits.length).toBeGreaterThan(10);
  });

  it('fails as soon as its outputs are together too large, whatever the list would add', async () => {
    const items = Array.from({ length: 2_000 }, () => 1);
    const doc = 'd'.repeat(300_000);
    const test = new RunUnderTest([each({ with: 'About {{ input.doc }}: {{ item }}' })], {}, { items, doc });
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'output_too_large', nodeId: 'each' } });
    const begun = test.log.filter(({ kind }) => kind === 'step.completed').length;
    expect(begun).toBeLessThan(PAYLOAD_LIMITS.output / doc.length + 11);
  });

  it('refuses a list that is too long, without a try of any item', async () => {
    const items = Array.from({ length: PAYLOAD_LIMITS.items + 1 }, () => 1);
    const test = new RunUnderTest([each({ with: 1 })], {}, { items });
    expect(await test.drive()).toMatchObject({ status: 'failed', error: { kind: 'too_many_items' } });
    expect(test.log.filter(({ kind }) => kind === 'step.completed')).toEqual([]);
  });
});
