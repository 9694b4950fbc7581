import { AuditTable } from './audit/audit-table.js';
import { ApiKeysTable } from './api-keys-table.js';
import type { SqliteConnection } from '../connection/connection.js';
import { RunBudgetsTable } from './credits/run-budgets-table.js';
import { CreditsTable } from './credits-table.js';
import { DeletedRunsTable } from './deleted-runs-table.js';
import { DrivesTable } from './drives-table.js';
import { IdempotentCallsTable } from './idempotent-calls-table.js';
import { BulkJobsTable } from './bulk/bulk-jobs-table.js';
import { EventsTable } from './events/events-table.js';
import { HooksTable } from './hooks/hooks-table.js';
import { DurableRuns } from '../caches/durable-runs.js';
import { LiveRuns } from '../caches/live-runs.js';
import { RunPiecesTable } from './long-texts/run-pieces-table.js';
import { ModelCredentialsTable } from './model-credentials-table.js';
import { ModelUsageTable } from './model-usage-table.js';
import { GrantsTable } from './oauth/grants-table.js';
import { OAuthClientsTable } from './oauth/oauth-clients-table.js';
import { OAuthCodesTable } from './oauth/oauth-codes-table.js';
import { OAuthTokensTable } from './oauth/oauth-tokens-table.js';
import { OrganizationsTable } from './organizations-table.js';
import { RunDaysTable } from './run-days-table.js';
import { RunLogTable } from './run-log-table.js';
import { RunningTotals } from '../caches/running-totals.js';
import { RunsTable } from './runs-table.js';
import { SchedulesTable } from './schedules-table.js';
import { RunSearchTables } from './search/run-search-tables.js';
import { RunTermsTable } from './search/run-terms-table.js';
import { DeliveriesTable } from './webhooks/deliveries-table.js';
import { SecretsTable } from './secrets/secrets-table.js';
import { WebhooksTable } from './webhooks/webhooks-table.js';
import { DraftsTable } from './workflows/drafts-table.js';
import { PublicationsTable } from './workflows/publications-table.js';
import { WorkflowVersionsTable } from './workflows/workflow-versions-table.js';

export interface Tables {
  readonly organizations: OrganizationsTable;
  readonly keys: ApiKeysTable;
  readonly idempotentCalls: IdempotentCallsTable;
  readonly modelCredentials: ModelCredentialsTable;
  readonly modelUsage: ModelUsageTable;
  readonly workflows: WorkflowVersionsTable;
  readonly publications: PublicationsTable;
  readonly drafts: DraftsTable;
  readonly runs: RunsTable;
  readonly days: RunDaysTable;
  readonly terms: RunTermsTable;
  readonly search: RunSearchTables;
  readonly log: RunLogTable;
  readonly pieces: RunPiecesTable;
  readonly drives: DrivesTable;
  readonly deleted: DeletedRunsTable;
  readonly credits: CreditsTable;
  readonly budgets: RunBudgetsTable;
  readonly grants: GrantsTable;
  readonly oauthClients: OAuthClientsTable;
  readonly oauthCodes: OAuthCodesTable;
  readonly oauthTokens: OAuthTokensTable;
  readonly schedules: SchedulesTable;
  readonly audit: AuditTable;
  readonly webhooks: WebhooksTable;
  readonly hooks: HooksTable;
  readonly events: EventsTable;
  readonly bulk: BulkJobsTable;
  readonly secrets: SecretsTable;
  readonly deliveries: DeliveriesTable;
}

export function createTables(db: SqliteConnection): Tables {
  // In this order: see `BatchParticipants`.
  const pieces = new RunPiecesTable(db);
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
    publications: new PublicationsTable(db),
    drafts: new DraftsTable(db),
    runs: db.participants.join(new RunsTable(db, pieces, { totals, live, durable })),
    days: db.participants.join(new RunDaysTable(db)),
    terms: new RunTermsTable(db),
    search: new RunSearchTables(db, live),
    log: new RunLogTable(db, pieces),
    pieces,
    drives: new DrivesTable(db),
    deleted: new DeletedRunsTable(db, pieces, totals),
    credits: new CreditsTable(db, totals),
    budgets: new RunBudgetsTable(db),
    grants: new GrantsTable(db),
    oauthClients: new OAuthClientsTable(db),
    oauthCodes: new OAuthCodesTable(db),
    oauthTokens: new OAuthTokensTable(db),
    schedules: new SchedulesTable(db),
    audit: new AuditTable(db),
    webhooks: new WebhooksTable(db),
    hooks: new HooksTable(db),
    events: new EventsTable(db),
    bulk: new BulkJobsTable(db),
    secrets: new SecretsTable(db),
    deliveries: new DeliveriesTable(db),
  };
}
