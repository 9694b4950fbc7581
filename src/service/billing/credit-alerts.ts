import type { NewId } from '../../core/ports/clock.js';
import type { ReachedMark, TellMark } from '../../core/ports/store/credit-store.js';
import { computeBalance, type CreditMark } from '../../core/run/credits.js';
import { tellMoment } from '../../core/time/moment.js';
import type { Delivery } from '../../core/webhooks/delivery.js';
import type { Webhook, WebhookEvent } from '../../core/webhooks/webhook.js';
import { newNotice } from '../outbox/new-delivery.js';
import type { WebhookRegistry } from '../state/webhook-registry.js';

const EVENTS = { 80: 'credits.low', 100: 'credits.used_up' } as const satisfies { [M in CreditMark]: WebhookEvent };

/** What one commit that moves credits tells webhooks. */
export interface CreditTelling {
  /** For the commit. */
  readonly tellMark: TellMark;
  /** Once the commit is kept. */
  readonly sent: () => void;
}

interface CreditAlertsDeps {
  readonly registry: WebhookRegistry;
  readonly newId: NewId;
}

/**
 * Tells webhooks that ask for it how far an organization's credits are used: in the commit that comes to a mark, each
 * once in a billing cycle.
 */
export interface CreditAlerts {
  /** Null when nobody asks, as nearly always. */
  prepare(organizationId: string, billingDay: number): CreditTelling | null;
}

export function createCreditAlerts(deps: CreditAlertsDeps): CreditAlerts {
  const { registry } = deps;
  return {
    prepare(organizationId, billingDay) {
      const asking = registry.enabled.get(organizationId)?.filter(asksForCredits) ?? [];
      if (asking.length === 0) return null;
      let hasTold = false;
      return {
        tellMark: (reached) => {
          const told = asking.filter(({ events }) => events.includes(EVENTS[reached.mark]));
          hasTold ||= told.length > 0;
          return told.map((webhook) => deliveryOf(deps, webhook, reached, billingDay));
        },
        sent: () => {
          if (hasTold) registry.tell();
        },
      };
    },
  };
}

function deliveryOf(
  { newId }: CreditAlertsDeps,
  webhook: Webhook,
  { account, mark, at }: ReachedMark,
  billingDay: number,
): Delivery {
  const balance = computeBalance(account, at, billingDay);
  const data = {
    percent: mark,
    used_this_month: balance.usedThisMonth,
    reserved: balance.reserved,
    available: balance.available,
    monthly_limit: balance.monthlyLimit,
    topped_up: balance.toppedUp,
    reset_at: tellMoment(balance.resetAt),
  };
  return newNotice({ id: newId(), webhook, event: EVENTS[mark], at, data });
}

function asksForCredits({ events }: Webhook): boolean {
  return events.includes('credits.low') || events.includes('credits.used_up');
}
