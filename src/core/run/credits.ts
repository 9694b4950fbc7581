import type { NodeExecution } from './node-execution.js';

/**
 * One row of the ledger. The balance of an organization is always the sum of its rows:
 * `reserved` over all of them, `used` over those of the current month.
 */
export interface CreditMovement {
  readonly id: string;
  readonly organizationId: string;
  readonly runId: string;
  readonly kind: 'reserve' | 'settle';
  readonly reservedDelta: number;
  readonly usedDelta: number;
  /** The month that the movement counts in, `YYYY-MM`, UTC. */
  readonly month: string;
  readonly at: number;
}

export interface CreditBalance {
  readonly available: number;
  readonly reserved: number;
  readonly usedThisMonth: number;
  readonly monthlyLimit: number;
  /** The first moment of the next calendar month, UTC, epoch milliseconds. */
  readonly resetAt: number;
}

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

export function nextMonthStart(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

export function computeBalance(
  account: { readonly monthlyLimit: number; readonly reserved: number; readonly used: number; readonly month: string },
  now: number,
): CreditBalance {
  const usedThisMonth = account.month >= toMonth(now) ? account.used : 0;
  return {
    available: Math.max(0, account.monthlyLimit - usedThisMonth - account.reserved),
    reserved: account.reserved,
    usedThisMonth,
    monthlyLimit: account.monthlyLimit,
    resetAt: nextMonthStart(now),
  };
}

/** What a partly completed run costs: the completed agents' share of what was reserved, rounded up. */
export function computePartialCharge(reserved: number, nodes: readonly NodeExecution[]): number {
  const agents = nodes.filter((node) => node.role !== null);
  if (agents.length === 0) return reserved;
  const completed = agents.filter((node) => node.status === 'completed').length;
  return Math.ceil((reserved * completed) / agents.length);
}
