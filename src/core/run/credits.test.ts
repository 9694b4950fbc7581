import { describe, expect, it } from 'vitest';
import { computeBalance, computePartialCharge, toCycle, toMonth, nextMonthStart } from './credits.js';
import { pendingNode, type NodeExecution, type NodeStatus } from './node-execution.js';

const agent = (status: NodeStatus): NodeExecution => ({
  ...pendingNode({ id: 'a', kind: 'code', role: 'r', label: 'R' }),
  status,
});

describe('computeBalance', () => {
  const november = Date.UTC(2026, 10, 21);
  const account = { monthlyLimit: 100, reserved: 20, used: 30, month: '2026-11', toppedUp: 0, drawn: 0 };

  it('takes what is used this month and what is reserved from the limit', () => {
    expect(computeBalance(account, november, 1)).toEqual({
      available: 50,
      reserved: 20,
      usedThisMonth: 30,
      monthlyLimit: 100,
      toppedUp: 0,
      drawn: 0,
      resetAt: Date.UTC(2026, 11, 1),
    });
  });

  it('starts usage again from 0 at the first moment of the next month, and keeps what is reserved', () => {
    const before = computeBalance(account, Date.UTC(2026, 11, 1) - 1, 1);
    const after = computeBalance(account, Date.UTC(2026, 11, 1), 1);
    expect([before.usedThisMonth, after.usedThisMonth]).toEqual([30, 0]);
    expect([before.available, after.available]).toEqual([50, 80]);
  });

  it('gives nothing back when the clock jumps to an earlier month', () => {
    expect(computeBalance(account, Date.UTC(2026, 9, 30), 1).usedThisMonth).toBe(30);
  });

  it('turns the year', () => {
    expect(toMonth(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toBe('2026-12');
    expect(nextMonthStart(Date.UTC(2026, 11, 31))).toBe(Date.UTC(2027, 0, 1));
  });
});

describe('billing cycles that begin on another day than the first', () => {
  it.each<[string, string, string]>([
    ['2026-11-19T23:59:59.999Z', '2026-10-20', '2026-11-20'],
    ['2026-11-20T00:00:00.000Z', '2026-11-20', '2026-12-20'],
    ['2026-12-31T12:00:00.000Z', '2026-12-20', '2027-01-20'],
    ['2027-01-01T00:00:00.000Z', '2026-12-20', '2027-01-20'],
  ])('at %s are in the one from %s to %s', (at, start, end) => {
    const now = Date.parse(at);
    const account = { monthlyLimit: 100, reserved: 0, used: 30, month: start, toppedUp: 0, drawn: 0 };
    expect(toCycle(now, 20)).toBe(start);
    expect(computeBalance(account, now, 20)).toMatchObject({ usedThisMonth: 30, resetAt: Date.parse(end) });
    expect(computeBalance(account, Date.parse(end), 20)).toMatchObject({ usedThisMonth: 0, available: 100 });
  });

  it('keep what was used when the day is changed, until the next of such days', () => {
    const account = { monthlyLimit: 100, reserved: 0, used: 30, month: '2026-11', toppedUp: 0, drawn: 0 };
    expect(computeBalance(account, Date.UTC(2026, 10, 15), 20)).toMatchObject({
      usedThisMonth: 30,
      resetAt: Date.UTC(2026, 10, 20),
    });
    expect(computeBalance(account, Date.UTC(2026, 10, 20), 20).usedThisMonth).toBe(0);
    const back = { ...account, month: '2026-11-20' };
    expect(computeBalance(back, Date.UTC(2026, 10, 25), 1).usedThisMonth).toBe(30);
    expect(computeBalance(back, Date.UTC(2026, 11, 1), 1).usedThisMonth).toBe(0);
  });
});

describe('billing cycles that begin on a day that not every month has', () => {
  it.each<[string, number, string, string]>([
    ['2027-01-30T23:59:59.999Z', 31, '2026-12-31', '2027-01-31'],
    ['2027-01-31T00:00:00.000Z', 31, '2027-01-31', '2027-02-28'],
    ['2027-02-27T23:59:59.999Z', 31, '2027-01-31', '2027-02-28'],
    ['2027-02-28T00:00:00.000Z', 31, '2027-02-28', '2027-03-31'],
    ['2027-03-30T12:00:00.000Z', 31, '2027-02-28', '2027-03-31'],
    ['2027-04-30T00:00:00.000Z', 31, '2027-04-30', '2027-05-31'],
    ['2028-02-29T00:00:00.000Z', 30, '2028-02-29', '2028-03-30'],
    ['2028-02-28T12:00:00.000Z', 29, '2028-01-29', '2028-02-29'],
  ])('at %s, by day %i, are in the one from %s to %s', (at, day, start, end) => {
    const now = Date.parse(at);
    expect(toCycle(now, day)).toBe(start);
    const account = { monthlyLimit: 100, reserved: 0, used: 30, month: start, toppedUp: 0, drawn: 0 };
    expect(computeBalance(account, now, day)).toMatchObject({ usedThisMonth: 30, resetAt: Date.parse(end) });
    expect(toCycle(Date.parse(end), day)).toBe(end);
  });
});

describe('computePartialCharge', () => {
  it('charges the completed agents’ share, rounded up', () => {
    const nodes = [agent('completed'), agent('failed'), agent('completed')];
    expect(computePartialCharge(25, nodes)).toBe(17);
  });

  it('counts agents only', () => {
    const helper = { ...agent('completed'), role: null, label: null };
    expect(
      computePartialCharge(25, [helper, agent('completed'), agent('failed'), agent('skipped'), agent('failed')]),
    ).toBe(7);
  });

  it('never charges more than was reserved', () => {
    for (let agents = 1; agents <= 12; agents += 1) {
      const all = Array.from({ length: agents }, () => agent('completed'));
      for (const cost of [0, 1, 7, 25]) expect(computePartialCharge(cost, all)).toBe(cost);
    }
  });
});
