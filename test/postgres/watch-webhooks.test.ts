import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchWebhooks } from '../../src/app/cluster/watch-webhooks.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { insertOrganization } from '../../src/testing/store-suite/fixtures.js';
import { makeWebhook } from '../../src/testing/store-suite/webhooks/webhooks.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
let one: PostgresStore;
let other: PostgresStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.createDatabase();
  [one, other] = await Promise.all([openPostgresStore({ url }), openPostgresStore({ url })]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await postgres.stop();
});

it('finds within a second, and once, that another process has made, changed or deleted a webhook', async () => {
  const clock = new ManualClock(0);
  const asked: Promise<string>[] = [];
  const shared = {
    markWebhooks: () => {
      const mark = one.shared.markWebhooks();
      asked.push(mark);
      return mark;
    },
  };
  let told = 0;
  const look = watchWebhooks({ shared, clock, listener: () => (told += 1) });
  const within = async (): Promise<number> => {
    await clock.advance(1_000);
    await Promise.all(asked);
    await new Promise((resolve) => setImmediate(resolve));
    return told;
  };
  const webhook = makeWebhook({ organizationId: await insertOrganization(other) });
  expect(await within()).toBe(1);
  expect(await within()).toBe(1);
  await other.webhooks.insert(webhook);
  expect(await within()).toBe(2);
  expect(await within()).toBe(2);
  // As a clock that went back would have it.
  await other.webhooks.update({ ...webhook, enabled: false });
  expect(await within()).toBe(3);
  await other.webhooks.delete({ organizationId: webhook.organizationId, id: webhook.id });
  expect(await within()).toBe(4);
  look.stop();
  await other.webhooks.insert(webhook);
  expect(await within()).toBe(4);
});
