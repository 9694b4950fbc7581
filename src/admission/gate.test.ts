import { describe, expect, it } from 'vitest';
import { Gate } from './gate.js';

const words = { what: 'the resource crm', active: 'uses are under way' };
const AT = Date.UTC(2026, 10, 21);

describe('a gate', () => {
  it('is closed while as many are under way as it allows', () => {
    const gate = new Gate({ words, limit: 2 });
    gate.enter(AT);
    expect(gate.isOpen(AT)).toBe(true);
    gate.enter(AT);
    expect(gate.isOpen(AT)).toBe(false);
    expect(gate.explain(AT)).toBe('the resource crm: 2 of 2 uses are under way');
    expect(gate.opensAt(AT)).toBeNull();
    gate.leave();
    expect(gate.isOpen(AT)).toBe(true);
  });

  it('lets no more begin within any stretch of its time than its rate says', () => {
    const gate = new Gate({ words, limit: null, rate: { count: 3, perMs: 60_000 } });
    const begun: number[] = [];
    for (let now = AT; now < AT + 300_000; now += 700) {
      if (!gate.isOpen(now)) continue;
      gate.enter(now);
      gate.leave();
      begun.push(now);
    }
    expect(begun.length).toBeGreaterThan(12);
    const spans = begun.slice(3).map((fourth, index) => fourth - (begun[index] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(60_000);
  });

  it('says when its rate lets the next begin', () => {
    const gate = new Gate({ words, limit: null, rate: { count: 1, perMs: 60_000 } });
    gate.enter(AT);
    expect(gate.opensAt(AT + 20_000)).toBe(AT + 60_000);
    expect(gate.explain(AT + 20_000)).toBe('the resource crm: 1 of 1 were begun within 60 s, the next may in 40 s');
    expect(gate.isOpen(AT + 60_000)).toBe(true);
  });

  it('waits no longer than its time when the clock is set back by an hour', () => {
    const gate = new Gate({ words, limit: null, rate: { count: 2, perMs: 60_000 } });
    gate.enter(AT);
    gate.enter(AT + 30_000);
    const back = AT - 3_600_000;
    expect(gate.isOpen(back)).toBe(false);
    expect(gate.opensAt(back)).toBe(back + 30_000);
    expect(gate.isOpen(back + 30_000)).toBe(true);
  });

  it('counts what has begun against a rate that is changed', () => {
    const gate = new Gate({ words, limit: null, rate: { count: 5, perMs: 60_000 } });
    for (let n = 0; n < 5; n += 1) gate.enter(AT + n * 1_000);
    gate.setRate({ count: 2, perMs: 60_000 });
    expect(gate.opensAt(AT + 5_000)).toBe(AT + 63_000);
    gate.setRate({ count: 4, perMs: 60_000 });
    expect(gate.isOpen(AT + 5_000)).toBe(true);
  });
});
