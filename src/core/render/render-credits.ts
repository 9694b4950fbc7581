import type { JsonObject } from '../json.js';
import type { CreditBalance } from '../run/credits.js';
import { tellMoment } from '../time/moment.js';

/** An organization's credits, in the words that the REST API and the contracts share. */
export function renderCredits(balance: CreditBalance) {
  return {
    available: balance.available,
    reserved: balance.reserved,
    used_this_month: balance.usedThisMonth,
    monthly_limit: balance.monthlyLimit,
    reset_date: tellMoment(balance.resetAt),
  } satisfies JsonObject;
}
