import { AuditTable } from './audit/audit-table.js';
import { ApiKeysTable } from './api-keys-table.js';
import type { SqliteConnection } from '../connection/connection.js';
import { CreditsTable } from './credits-table.js';
import { DeletedRunsTable } from './deleted-runs-table.js';
import { DrivesTable } from './drives-table.js';
import { IdempotentCallsTable } from './idempotent-calls-table.js';
import { DurableRuns } from '../caches/durable-runs.js';
import { LiveRuns } from '../caches/live-runs.js';
import { ModelCredentialsTable } from './model-credentials-table.js';
import { ModelUsageTable } from './model-usage-table.js';
import { GrantsTable } from './oauth/grants-table.js';
import { OAuthClientsTable } from './oauth/oauth-clients-table.js';
import { OAuthCodesTable } from './oauth/oauth-codes-table.js';
import { OAuthTokensTable } from './oauth/oauth-tokens-table.js';
import { OrganizationsTable } from './organizations-table.js';
import { RunLogTable } from './run-log-table.js';
import { RunningTotals } from '../caches/running-totals.js';
import { RunsTable } from './runs-table.js';
import { SchedulesTable } from './schedules-table.js';
import { DeliveriesTable } from './webhooks/deliveries-table.js';
import { SecretsTable } from './secrets/secrets-table.js';
import { WebhooksTable } from './webhooks/webhooks-table.js';
import { WorkflowVersionsTable } from './workflow-versions-table.js';

export interface Tables {
  readonly organizations: OrganizationsTable;
  readonly keys: ApiKeysTable;
  readonly idempotentCalls: IdempotentCallsTable;
  readonly modelCredentials: ModelCredentialsTable;
  readonly modelUsage: ModelUsageTable;
  readonly workflows: WorkflowVersionsTable;
  readonly runs: RunsTable;
  readonly log: RunLogTable;
  readonly drives: DrivesTable;
  readonly deleted: DeletedRunsTable;
  readonly credits: CreditsTable;
  readonly grants: GrantsTable;
  readonly oauthClients: OAuthClientsTable;
  readonly oauthCodes: OAuthCodesTable;
  readonly oauthTokens: OAuthTokensTable;
  readonly schedules: SchedulesTable;
  readonly audit: AuditTable;
  readonly webhooks: WebhooksTable;
  readonly secrets: SecretsTable;
  readonly deliveries: DeliveriesTable;
}

export function createTables(db: SqliteConnection): Tables {
  // In this order: see `BatchParticipants`.
  const totals = db.participants.join(new RunningTotals(db));
  const live = db.participants.join(new LiveRuns());
  const durable = db.participants.join(new DurableRuns());
  return {
    organizations: new OrganizationsTable(db),
    keys: new ApiKeysTable(db),
    idempotentCalls: new IdempotentCallsTable(db),
    modelCredentials: new ModelCredentialsTable(db),
    modelUsage: new ModelUsageTable(db),
    workflows: new WorkflowVersionsTable(db),
    runs: db.participants.join(new RunsTable(db, { totals, live, durable })),
    log: new RunLogTable(db),
    drives: new DrivesTable(db),
    deleted: new DeletedRunsTable(db, totals),
    credits: new CreditsTable(db, totals),
    grants: new GrantsTable(db),
    oauthClients: new OAuthClientsTable(db),
    oauthCodes: new OAuthCodesTable(db),
    oauthTokens: new OAuthTokensTable(db),
    schedules: new SchedulesTable(db),
    audit: new AuditTable(db),
    webhooks: new WebhooksTable(db),
    secrets: new SecretsTable(db),
    deliveries: new DeliveriesTable(db),
  };
}
