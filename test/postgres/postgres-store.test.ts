import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { describeConcurrency } from '../../src/testing/store-suite/concurrency.js';
import { describeCredits } from '../../src/testing/store-suite/credits/credits.js';
import { describeSharedBudgets } from '../../src/testing/store-suite/credits/shared-budgets.js';
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
import { describeDrafts } from '../../src/testing/store-suite/publications/drafts.js';
import { describePublications } from '../../src/testing/store-suite/publications/publications.js';
import { describeRunDays } from '../../src/testing/store-suite/figures/run-days.js';
import { describeBatches } from '../../src/testing/store-suite/search/batches.js';
import { describeSearch } from '../../src/testing/store-suite/search/search.js';
import { searchPlans } from './search-plans.js';
import { describeSecrets } from '../../src/testing/store-suite/secrets/secrets.js';
import { describeEvents } from '../../src/testing/store-suite/events/events.js';
import { describeBulkJobs } from '../../src/testing/store-suite/bulk/bulk.js';
import { describeHooks } from '../../src/testing/store-suite/hooks/hooks.js';
import { describeDeliveries, describeWebhooks } from '../../src/testing/store-suite/webhooks/webhooks.js';
import { describeTransactions } from '../../src/testing/store-suite/transactions.js';
import { describeWorkflows } from '../../src/testing/store-suite/workflows.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const openNew = async (): Promise<PostgresStore> => openPostgresStore({ url: await postgres.emptyDatabase() });

describe('PostgresStore', () => {
  describeOrganizations(openNew);
  describeKeys(openNew);
  describeOAuth(openNew);
  describeIdempotency(openNew);
  describeModels(openNew);
  describeSchedules(openNew);
  describeAudit(openNew);
  describeBulkJobs(openNew);
  describeWebhooks(openNew);
  describeHooks(openNew);
  describeEvents(openNew);
  describeSecrets(openNew);
  describePublications(openNew);
  describeDrafts(openNew);
  describeDeliveries(openNew);
  describeWorkflows(openNew);
  describeRuns(openNew);
  describeSearch(openNew);
  describeBatches(openNew);
  describeRunDays(openNew);
  describeRunLog(openNew);
  describeCredits(openNew);
  describeSharedBudgets(openNew);
  describeRetention(openNew);
  describeTransactions(openNew);
});
describe('PostgresStore with relaxed durability', () => {
  describeTransactions(async () => openPostgresStore({ url: await postgres.emptyDatabase(), durability: 'relaxed' }));
});
describe('PostgresStores', () => {
  describeConcurrency(async () => {
    const url = await postgres.emptyDatabase();
    return Promise.all([openPostgresStore({ url, isShared: true }), openPostgresStore({ url, isShared: true })]);
  });
});

describe('searches of runs in Postgres', () => {
  it('go along an index, and sort and scan nothing', async () => {
    const url = await postgres.createDatabase();
    await (await openPostgresStore({ url })).close();
    const planned = `${url}?options=${encodeURIComponent('-c enable_seqscan=off -c enable_bitmapscan=off')}`;
    const explain = async (text: string): Promise<string> => {
      // An empty table is always read from end to end, unless that is out of the question.
      const rows = await postgres.query(`EXPLAIN ${text}`, planned);
      return JSON.stringify(rows);
    };
    for (const [name, text] of searchPlans()) {
      const plan = await explain(text);
      expect(`${name} ${plan}`).toMatch(/Index (Only )?Scan/);
      expect(`${name} ${plan}`).not.toMatch(/Seq Scan|Sort|Hash|Merge/);
    }
  });
});
