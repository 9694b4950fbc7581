import { describe, expect, it } from 'vitest';
import { completeRun, makeRun, AT } from '../../testing/store-suite/fixtures.js';
import { changesOfDays, dayOf, endedFacts, figuresOf, tellDay, type DayAmount } from './run-days.js';

describe('the figures of days', () => {
  const took = (ms: number): readonly DayAmount[] => {
    const run = { ...completeRun(makeRun({ organizationId: 'acme' })), startedAt: AT, completedAt: AT + ms };
    return changesOfDays(null, run, run.workflowId).filter(({ workflowId }) => workflowId !== '');
  };

  it('tell lengths within 5 %, from a millisecond to a year', () => {
    for (let ms = 1; ms < 31_536_000_000; ms = Math.ceil(ms * 1.37)) {
      const told = figuresOf(took(ms)).durationMs?.p50 ?? 0;
      expect(Math.abs(told - ms)).toBeLessThanOrEqual(Math.max(0.5, ms * 0.05));
    }
  });

  it('have half of the runs below p50, and 95 of 100 below p95', () => {
    const amounts = Array.from({ length: 100 }, (_, index) => took((index + 1) * 1_000)).flat();
    const { durationMs } = figuresOf(amounts);
    expect(durationMs?.p50).toBeGreaterThan(47_000);
    expect(durationMs?.p50).toBeLessThan(53_000);
    expect(durationMs?.p95).toBeGreaterThan(90_000);
    expect(durationMs?.p95).toBeLessThan(100_000);
  });

  it('are of the day in UTC on which a run ended, and never below zero', () => {
    expect(tellDay(dayOf(Date.UTC(2026, 1, 28, 23, 59, 59, 999)))).toBe('2026-02-28');
    expect(tellDay(dayOf(Date.UTC(2026, 2, 1)))).toBe('2026-03-01');
    const ended = completeRun(makeRun({ organizationId: 'acme' }));
    const retried = { ...ended, status: 'pending' as const, completedAt: null };
    expect(figuresOf(changesOfDays(endedFacts(ended), retried, retried.workflowId))).toMatchObject({
      ended: 0,
      credits: 0,
      durationMs: null,
    });
  });
});
