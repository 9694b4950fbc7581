import type { NodeExecution } from './node-execution.js';

/**
 * One row of the ledger. The balance of an organization is always the sum of its rows: `reserved` and `toppedUp` over
 * all of them, `used` over those of the current billing cycle.
 */
export interface CreditMovement {
  readonly id: string;
  readonly organizationId: string;
  /** Null for a top-up. */
  readonly runId: string | null;
  readonly kind: 'reserve' | 'settle' | 'top_up';
  readonly reservedDelta: number;
  readonly usedDelta: number;
  /** What is added to the organization's top-ups, or taken from them because the cycle's own credits are used. */
  readonly toppedUpDelta: number;
  /** The billing cycle that the movement counts in, as `toCycle` names it. */
  readonly month: string;
  readonly at: number;
  /** Of a top-up: why, in words, and the key of the call that asked for it. */
  readonly reason?: string;
  readonly idempotencyKey?: string;
}

/** Percents of what a cycle allows, used or reserved, that others are told of. */
export const CREDIT_MARKS = [80, 100] as const;
export type CreditMark = (typeof CREDIT_MARKS)[number];

export interface CreditBalance {
  readonly available: number;
  readonly reserved: number;
  readonly usedThisMonth: number;
  readonly monthlyLimit: number;
  /** What is left of top-ups: it pays for what is used beyond the limit, in this cycle or a later one. */
  readonly toppedUp: number;
  /** What top-ups have paid for in this cycle. */
  readonly drawn: number;
  /** The first moment of the next billing cycle, UTC, epoch milliseconds. */
  readonly resetAt: number;
}

/** In a month that is shorter, its last day stands for it. */
export const MAX_BILLING_DAY = 31;

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
 * The billing cycle of a moment, by the day of the month, 1 to 31, on which cycles begin: `2026-11` where that is the
 * first, else the cycle's first day, `2026-11-20`. A later cycle has the greater name, also when the day has been
 * changed in between.
 */
export function toCycle(at: number, billingDay: number): string {
  return billingDay === 1 ? toMonth(at) : new Date(cycleStart(at, billingDay)).toISOString().slice(0, 10);
}

function cycleStart(at: number, billingDay: number): number {
  const date = new Date(at);
  const [year, thisMonth] = [date.getUTCFullYear(), date.getUTCMonth()];
  const start = cycleStartIn(year, thisMonth, billingDay);
  return at < start ? cycleStartIn(year, thisMonth - 1, billingDay) : start;
}

function nextCycleStart(at: number, billingDay: number): number {
  const start = new Date(cycleStart(at, billingDay));
  return cycleStartIn(start.getUTCFullYear(), start.getUTCMonth() + 1, billingDay);
}

/** When the cycle begins that begins in a month. */
function cycleStartIn(year: number, inMonth: number, billingDay: number): number {
  const lastDay = new Date(Date.UTC(year, inMonth + 1, 0)).getUTCDate();
  return Date.UTC(year, inMonth, Math.min(billingDay, lastDay));
}

export function nextMonthStart(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

interface AccountToShow {
  readonly monthlyLimit: number;
  readonly reserved: number;
  readonly used: number;
  readonly month: string;
  readonly toppedUp: number;
  readonly drawn: number;
}

export function computeBalance(account: AccountToShow, now: number, billingDay: number): CreditBalance {
  const { monthlyLimit, reserved, toppedUp } = account;
  const isOfCycle = account.month >= toCycle(now, billingDay);
  const [usedThisMonth, drawn] = isOfCycle ? [account.used, account.drawn] : [0, 0];
  return {
    available: Math.max(0, monthlyLimit + toppedUp + drawn - usedThisMonth - reserved),
    reserved,
    usedThisMonth,
    monthlyLimit,
    toppedUp,
    drawn,
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
