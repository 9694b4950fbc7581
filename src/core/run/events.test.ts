import { describe, expect, it } from 'vitest';
import { RUN_FAILED_FIRST, wasPassedOver } from './events.js';

describe('a node that was skipped', () => {
  const skipped = { kind: 'node.skipped', nodeId: 'a' } as const;

  it('was passed over when its run failed, whatever the words', () => {
    expect(wasPassedOver({ ...skipped, reason: 'other words', because: 'run_failed' })).toBe(true);
    expect(wasPassedOver({ ...skipped, reason: 'its condition does not hold' })).toBe(false);
  });

  it('is told by its reason in logs of earlier programs', () => {
    expect(wasPassedOver({ ...skipped, reason: RUN_FAILED_FIRST })).toBe(true);
    expect(RUN_FAILED_FIRST).toBe('the run failed before it');
  });
});
