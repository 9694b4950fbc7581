import type { NodeExecution } from './node-execution.js';

/**
 * One row of the ledger. The balance of an organization is always the sum of its rows:
 * `reserved` over all of them, `used` over those of the current billing cycle.
 */
export interface CreditMovement {
  readonly id: string;
  readonly organizationId: string;
  readonly runId: string;
  readonly kind: 'reserve' | 'settle';
  readonly reservedDelta: number;
  readonly usedDelta: number;
  /** The billing cycle that the movement counts in, as `toCycle` names it. */
  readonly month: string;
  readonly at: number;
}

export interface CreditBalance {
  readonly available: number;
  readonly reserved: number;
  readonly usedThisMonth: number;
  readonly monthlyLimit: number;
  /** The first moment of the next billing cycle, UTC, epoch milliseconds. */
  readonly resetAt: number;
}

/** Every month has it. */
export const MAX_BILLING_DAY = 28;

/** The calendar month of a moment, UTC: `2026-11`. */
export function toMonth(at: number): string {
  if (at < month.start || at >= month.end) {
    const date = new Date(at);
    const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    month = { start, end: nextMonthStart(at), text: date.toISOString().slice(0, 7) };
  }
  return month.text;
}

/** The month that was asked for last, which is mostly the one that is asked for next. */
let month = { start: 0, end: 0, text: '' };

/**
 * The billing cycle of a moment, by the day of the month, 1 to 28, on which cycles begin: `2026-11` where that is the
 * first, else the cycle's first day, `2026-11-20`. A later cycle has the greater name, also when the day has been
 * changed in between.
 */
export function toCycle(at: number, billingDay: number): string {
  return billingDay === 1 ? toMonth(at) : new Date(cycleStart(at, billingDay)).toISOString().slice(0, 10);
}

function cycleStart(at: number, billingDay: number): number {
  const date = new Date(at);
  const [year, thisMonth] = [date.getUTCFullYear(), date.getUTCMonth()];
  return Date.UTC(year, date.getUTCDate() < billingDay ? thisMonth - 1 : thisMonth, billingDay);
}

function nextCycleStart(at: number, billingDay: number): number {
  const start = new Date(cycleStart(at, billingDay));
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, billingDay);
}

export function nextMonthStart(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

export function computeBalance(
  account: { readonly monthlyLimit: number; readonly reserved: number; readonly used: number; readonly month: string },
  now: number,
  billingDay: number,
): CreditBalance {
  const usedThisMonth = account.month >= toCycle(now, billingDay) ? account.used : 0;
  return {
    available: Math.max(0, account.monthlyLimit - usedThisMonth - account.reserved),
    reserved: account.reserved,
    usedThisMonth,
    monthlyLimit: account.monthlyLimit,
    resetAt: nextCycleStart(now, billingDay),
  };
}

/** What a partly completed run costs: the completed agents' share of what was reserved, rounded up. */
export function computePartialCharge(reserved: number, nodes: readonly NodeExecution[]): number {
  const agents = nodes.filter((node) => node.role !== null);
  if (agents.length === 0) return reserved;
  const completed = agents.filter((node) => node.status === 'completed').length;
  return Math.ceil((reserved * completed) / agents.length);
}
