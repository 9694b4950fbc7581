import { beforeEach, describe, expect, it } from 'vitest';
import { SyncPace } from './sync-pace.js';

describe('SyncPace', () => {
  let pace: SyncPace;
  beforeEach(() => {
    pace = new SyncPace();
  });

  /** Until the average is as good as this. */
  const learn = (tookMs: number): void => {
    for (let n = 0; n < 100; n += 1) {
      pace.begin(0);
      pace.end(tookMs);
    }
  };

  it('lets a sync begin at once when none is under way', () => {
    expect(pace.waitMs(0)).toBe(0);
    learn(20);
    expect(pace.waitMs(0)).toBe(0);
  });

  it('has fast syncs follow one another', () => {
    learn(0.2);
    pace.begin(10);
    expect(pace.waitMs(10)).toBeNull();
    pace.end(0.2);
    expect(pace.waitMs(10.2)).toBe(0);
  });

  it('has up to three slow syncs overlap, at even distances', () => {
    learn(30);
    pace.begin(100);
    expect(pace.waitMs(100)).toBeCloseTo(10);
    expect(pace.waitMs(104)).toBeCloseTo(6);
    expect(pace.waitMs(111)).toBe(0);
    pace.begin(111);
    pace.begin(121);
    expect(pace.waitMs(200)).toBeNull();
    pace.end(30);
    expect(pace.waitMs(130)).toBeCloseTo(1);
  });

  it('has a moment for the next one where they are fast, and none is under way', () => {
    learn(0.2);
    expect(pace.momentMs).toBe(1);
    pace.begin(0);
    expect(pace.momentMs).toBe(0);
    pace.end(0.2);
    expect(pace.momentMs).toBe(1);
    // One that is slow is enough.
    pace.begin(1);
    pace.end(20);
    expect(pace.momentMs).toBe(0);
  });

  it('polls in that moment only where a sync takes little longer than waking a thread', () => {
    learn(0.1);
    expect(pace.awakeMs).toBe(0.25);
    learn(0.5);
    expect([pace.momentMs, pace.awakeMs]).toEqual([1, 0]);
  });

  it('has no moment for small commits between large ones', () => {
    learn(0.2);
    pace.noteCommit(5);
    for (let commits = 1; commits < 8; commits += 1) {
      pace.noteCommit(4);
      expect(pace.momentMs).toBe(0);
    }
    pace.noteCommit(4);
    expect(pace.momentMs).toBe(1);
  });

  it('goes back to one at a time when they have become fast', () => {
    learn(30);
    learn(0.2);
    pace.begin(0);
    expect(pace.waitMs(50)).toBeNull();
  });
});
