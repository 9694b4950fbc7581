import type { JsonObject } from '../json.js';
import type { CreditBalance } from '../run/credits.js';
import { tellMoment } from '../time/moment.js';

/** An organization's credits, as the REST API and Errand's own contract show them. */
export function renderCredits(balance: CreditBalance) {
  const { available, reserved, usedThisMonth, monthlyLimit, toppedUp, drawn, resetAt } = balance;
  return {
    available,
    reserved,
    used_this_month: usedThisMonth,
    monthly_limit: monthlyLimit,
    topped_up: toppedUp,
    paid_by_top_ups: drawn,
    reset_date: tellMoment(resetAt),
  } satisfies JsonObject;
}

/**
 * As contract B shows them, for which `available` is always `monthly_limit` less what is used and reserved: what is left
 * of top-ups, and what they have paid for in this cycle, are part of the limit.
 */
export function renderCreditsOfContract(balance: CreditBalance) {
  const { topped_up: toppedUp, paid_by_top_ups: drawn, ...credits } = renderCredits(balance);
  return { ...credits, monthly_limit: credits.monthly_limit + toppedUp + drawn } satisfies JsonObject;
}
