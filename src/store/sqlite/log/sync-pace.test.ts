import { beforeEach, describe, expect, it } from 'vitest';
import { SyncPace } from './sync-pace.js';

describe('SyncPace', () => {
  let pace: SyncPace;
  beforeEach(() => {
    pace = new SyncPace();
    now = 0;
  });

  let now: number;
  /** One sync, and whether it may be made on the event loop. */
  const sync = (tookMs: number): boolean => {
    const isHere = pace.begin((now += 1));
    pace.end({ tookMs, diskMs: tookMs, isHere });
    return isHere;
  };
  /** Until the average is as good as this. */
  const learn = (tookMs: number): void => {
    for (let n = 0; n < 100; n += 1) sync(tookMs);
  };
  /** How many fast syncs are made elsewhere before one may be made on the event loop. */
  const countProof = (): number => {
    for (let count = 0; ; count += 1) if (sync(0.2)) return count;
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
    pace.end({ tookMs: 0.2, diskMs: 0.2, isHere: false });
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
    pace.end({ tookMs: 30, diskMs: 30, isHere: false });
    expect(pace.waitMs(130)).toBeCloseTo(1);
  });

  it('lets the event loop sync only once the disk has proved to be fast, and no other sync is under way', () => {
    expect(countProof()).toBe(32);
    expect(pace.begin((now += 1))).toBe(true);
    expect(pace.begin((now += 1))).toBe(false);
  });

  it('lets it sync on no disk whose syncs take longer than a thread needs, whatever the thread took', () => {
    learn(2.5);
    expect(sync(2.5)).toBe(false);
    for (let n = 0; n < 100; n += 1) pace.end({ tookMs: 2.5, diskMs: 0.2, isHere: pace.begin(now) });
    expect(sync(0.2)).toBe(true);
  });

  it('has the disk prove itself anew after a stall, for twice as long where the event loop was held up', () => {
    expect(countProof()).toBe(32);
    expect(sync(30)).toBe(true);
    expect(countProof()).toBe(64);
    expect(sync(30)).toBe(true);
    expect(sync(30)).toBe(false);
    expect(countProof()).toBe(128);
    for (let n = 0; n < 512; n += 1) sync(0.2);
    sync(30);
    expect(countProof()).toBe(64);
  });

  it('leaves the next sync to a thread after one that was slow', () => {
    learn(0.2);
    expect([sync(10), sync(0.2), sync(0.2)]).toEqual([true, false, true]);
  });

  it('has it prove itself anew after a second without a sync', () => {
    learn(0.2);
    now += 1_000;
    expect(countProof()).toBe(32);
  });

  it('leaves small commits between large ones to threads', () => {
    learn(0.2);
    pace.noteCommit(5, 1);
    for (let commits = 1; commits < 8; commits += 1) {
      pace.noteCommit(4, 1);
      expect(sync(0.2)).toBe(false);
    }
    pace.noteCommit(4, 1);
    expect(sync(0.2)).toBe(true);
  });

  it('leaves what is much to a thread', () => {
    learn(0.2);
    pace.noteCommit(1, 128);
    expect(sync(0.2)).toBe(true);
    pace.noteCommit(1, 129);
    expect(sync(0.2)).toBe(false);
  });

  it('goes back to one at a time when they have become fast', () => {
    learn(30);
    learn(0.2);
    pace.begin(0);
    expect(pace.waitMs(50)).toBeNull();
  });
});
