import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeConcurrency } from '../../src/testing/store-suite/concurrency.js';
import { describeCredits } from '../../src/testing/store-suite/credits.js';
import { describeIdempotency } from '../../src/testing/store-suite/idempotency.js';
import { describeKeys } from '../../src/testing/store-suite/keys.js';
import { describeOAuth } from '../../src/testing/store-suite/oauth.js';
import { describeModels } from '../../src/testing/store-suite/models.js';
import { describeOrganizations } from '../../src/testing/store-suite/organizations.js';
import { describeRetention } from '../../src/testing/store-suite/retention.js';
import { describeRunLog } from '../../src/testing/store-suite/run-log.js';
import { describeRuns } from '../../src/testing/store-suite/runs.js';
import { describeAudit } from '../../src/testing/store-suite/audit/audit.js';
import { describeSchedules } from '../../src/testing/store-suite/schedules.js';
import { describeSecrets } from '../../src/testing/store-suite/secrets/secrets.js';
import { describeDeliveries, describeWebhooks } from '../../src/testing/store-suite/webhooks/webhooks.js';
import { describeTransactions } from '../../src/testing/store-suite/transactions.js';
import { describeWorkflows } from '../../src/testing/store-suite/workflows.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const openNew = async (): Promise<PostgresStore> => openPostgresStore({ url: await postgres.createDatabase() });

describe('PostgresStore', () => {
  describeOrganizations(openNew);
  describeKeys(openNew);
  describeOAuth(openNew);
  describeIdempotency(openNew);
  describeModels(openNew);
  describeSchedules(openNew);
  describeAudit(openNew);
  describeWebhooks(openNew);
  describeSecrets(openNew);
  describeDeliveries(openNew);
  describeWorkflows(openNew);
  describeRuns(openNew);
  describeRunLog(openNew);
  describeCredits(openNew);
  describeRetention(openNew);
  describeTransactions(openNew);
});
describe('PostgresStore with relaxed durability', () => {
  describeTransactions(async () => openPostgresStore({ url: await postgres.createDatabase(), durability: 'relaxed' }));
});
describe('PostgresStores', () => {
  describeConcurrency(async () => {
    const url = await postgres.createDatabase();
    return Promise.all([openPostgresStore({ url, isShared: true }), openPostgresStore({ url, isShared: true })]);
  });
});
