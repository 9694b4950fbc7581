import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CreditMovement, toCycle } from '../../core/run/credits.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Webhook, WebhookEvent } from '../../core/webhooks/webhook.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { insertOrganization, makeMovement, moveCredits, newId } from '../../testing/store-suite/fixtures.js';
import { WebhookRegistry } from '../state/webhook-registry.js';
import { createCreditAlerts } from './credit-alerts.js';

let store: Store;
let clock: ManualClock;
let organizationId: string;
let registry: WebhookRegistry;

beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
  clock = new ManualClock();
  registry = new WebhookRegistry(store);
  organizationId = await insertOrganization(store);
  await store.credits.setLimit({ organizationId, monthlyLimit: 100, month: month() });
});
afterEach(() => store.close());

const month = (): string => toCycle(clock.now(), 1);

async function make(events: readonly WebhookEvent[]): Promise<Webhook> {
  const at = clock.now();
  const own = { id: newId(), organizationId, kind: 'webhook', name: 'n', url: 'https://shop.example.com' } as const;
  const rest = { workflowId: null, enabled: true, disabledBecause: null, secrets: [], createdAt: at, updatedAt: at };
  const webhook = { ...own, ...rest, events };
  await store.webhooks.insert(webhook);
  await registry.load();
  return webhook;
}

/** As the commit of a run does. */
async function move(values: Partial<CreditMovement>): Promise<void> {
  const telling = createCreditAlerts({ registry, newId }).prepare(organizationId, 1);
  await moveCredits(store, makeMovement({ organizationId, month: month(), ...values }), telling?.tellMark);
  telling?.sent();
}

const told = async () => {
  const listed = await store.deliveries.list({ organizationId, limit: 50 });
  const deliveries = await Promise.all(listed.map(({ id }) => store.deliveries.get({ organizationId, id })));
  return deliveries.map((delivery) => ({
    event: delivery?.event,
    data: (JSON.parse(delivery?.payload ?? '') as { data: object }).data,
  }));
};

describe('an organization', () => {
  it('is told when 80 and when 100 percent of its credits are used or reserved', async () => {
    await make(['credits.low', 'credits.used_up']);
    let sent = 0;
    registry.onWritten(() => (sent += 1));
    await move({ reservedDelta: 79 });
    expect([await told(), sent]).toEqual([[], 0]);
    await move({ reservedDelta: 1 });
    expect(await told()).toEqual([
      {
        event: 'credits.low',
        data: {
          percent: 80,
          used_this_month: 0,
          reserved: 80,
          available: 20,
          monthly_limit: 100,
          topped_up: 0,
          reset_at: expect.stringMatching(/-01T00:00:00\.000Z$/) as string,
        },
      },
    ]);
    await move({ reservedDelta: 20 });
    expect((await told()).map(({ event }) => event)).toEqual(['credits.used_up', 'credits.low']);
    expect(sent).toBe(2);
  });

  it('is told through those of its webhooks that ask for it', async () => {
    await make(['run.completed']);
    const asking = await make(['credits.low', 'run.failed']);
    await move({ reservedDelta: 100 });
    const deliveries = await store.deliveries.list({ organizationId, limit: 9 });
    expect(deliveries.map(({ webhookId, event }) => [webhookId, event])).toEqual([[asking.id, 'credits.low']]);
  });
});
