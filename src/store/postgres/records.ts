import type { CommitOutcome, CommitRunParams } from '../../core/ports/store/run-store.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Sql } from './connection/sql.js';
import { commitAll } from './commits/commit-all.js';
import { apiKeysTable } from './tables/api-keys-table.js';
import { auditTable } from './tables/audit-table.js';
import { runBudgetsTable } from './tables/credits/run-budgets-table.js';
import { creditsTable } from './tables/credits-table.js';
import { deletedRunsTable } from './tables/deleted-runs-table.js';
import { bulkJobsTable } from './tables/bulk/bulk-jobs-table.js';
import { eventsTable } from './tables/events/events-table.js';
import { hooksTable } from './tables/hooks/hooks-table.js';
import { idempotentCallsTable } from './tables/idempotent-calls-table.js';
import { modelCredentialsTable } from './tables/model-credentials-table.js';
import { modelUsageTable } from './tables/model-usage-table.js';
import { grantsTable } from './tables/oauth/grants-table.js';
import { oauthClientsTable } from './tables/oauth/oauth-clients-table.js';
import { oauthCodesTable } from './tables/oauth/oauth-codes-table.js';
import { oauthTokensTable } from './tables/oauth/oauth-tokens-table.js';
import { purgeOAuth } from './tables/oauth/purge-oauth.js';
import { organizationsTable } from './tables/organizations-table.js';
import { runDaysTable } from './tables/run-days-table.js';
import { runLogTable } from './tables/run-log-table.js';
import { runsTable } from './tables/runs-table.js';
import { schedulesTable } from './tables/schedules-table.js';
import { deliveriesTable } from './tables/webhooks/deliveries-table.js';
import { searchRuns } from './tables/search/search-runs.js';
import { secretsTable } from './tables/secrets/secrets-table.js';
import { webhooksTable } from './tables/webhooks/webhooks-table.js';
import { draftsTable } from './tables/workflows/drafts-table.js';
import { publicationsTable } from './tables/workflows/publications-table.js';
import { workflowVersionsTable } from './tables/workflows/workflow-versions-table.js';

/** How calls reach the tables, which is what the store and a transaction differ in. */
export interface SqlAccess {
  readonly read: <T>(call: (sql: Sql) => Promise<T>) => Promise<T>;
  /** One statement that changes something: all or nothing by itself. */
  readonly change: <T>(call: (sql: Sql) => Promise<T>) => Promise<T>;
  /** Several statements, all or nothing. */
  readonly write: <T>(call: (sql: Sql) => Promise<T>) => Promise<T>;
  readonly commit: (params: CommitRunParams) => Promise<CommitOutcome>;
}

/** The shard of writes outside of group commits: see `run_counts`. */
export const OTHER_SHARD = 9;

/** The port's calls, each one call of a table. */
export function createRecords(access: SqlAccess): Records {
  return {
    ...tenantRecords(access),
    ...authorRecords(access),
    ...runRecords(access),
    ...oauthRecords(access),
    ...scheduleRecords(access),
    ...auditRecords(access),
    ...webhookRecords(access),
    ...secretRecords(access),
    ...hookRecords(access),
    ...eventRecords(access),
    ...bulkRecords(access),
  };
}

function tenantRecords({
  read,
  change,
}: SqlAccess): Pick<Records, 'organizations' | 'keys' | 'idempotency' | 'credits'> {
  return {
    organizations: {
      insert: (organization) => change((sql) => organizationsTable.insert(sql, organization)),
      update: (organization) => change((sql) => organizationsTable.update(sql, organization)),
      get: (params) => read((sql) => organizationsTable.get(sql, params)),
      find: (params) => read((sql) => organizationsTable.find(sql, params)),
      list: (params) => read((sql) => organizationsTable.list(sql, params)),
    },
    keys: {
      insert: (key) => change((sql) => apiKeysTable.insert(sql, key)),
      find: (params) => read((sql) => apiKeysTable.find(sql, params)),
      get: (params) => read((sql) => apiKeysTable.get(sql, params)),
      count: (params) => read((sql) => apiKeysTable.count(sql, params)),
      list: (params) => read((sql) => apiKeysTable.list(sql, params)),
      revoke: (params) => change((sql) => apiKeysTable.revoke(sql, params)),
      touch: (params) => change((sql) => apiKeysTable.touch(sql, params)),
      remove: (params) => change((sql) => apiKeysTable.remove(sql, params)),
    },
    idempotency: {
      insert: (call) => change((sql) => idempotentCallsTable.insert(sql, call)),
      find: (params) => read((sql) => idempotentCallsTable.find(sql, params)),
    },
    credits: {
      getAccount: (params) => read((sql) => creditsTable.getAccount(sql, params)),
      setLimit: (params) =>
        change(async (sql) => deliveriesTable.insert(sql, await creditsTable.setLimit(sql, params))),
      topUp: (movement) => change((sql) => creditsTable.topUp(sql, movement)),
      listMovements: (params) => read((sql) => creditsTable.listMovements(sql, params)),
    },
  };
}

function authorRecords({
  read,
  change,
  write,
}: SqlAccess): Pick<Records, 'workflows' | 'publications' | 'drafts' | 'models'> {
  return {
    workflows: {
      saveVersion: (params) => write((sql) => workflowVersionsTable.save(sql, params)),
      getVersion: (params) => read((sql) => workflowVersionsTable.get(sql, params)),
      listOf: (params) => read((sql) => workflowVersionsTable.listOf(sql, params)),
      measure: (params) => read((sql) => workflowVersionsTable.measure(sql, params)),
      listVersions: (params) => read((sql) => workflowVersionsTable.list(sql, params)),
    },
    publications: {
      publish: (params) => write((sql) => publicationsTable.publish(sql, params)),
      latest: () => read((sql) => publicationsTable.latest(sql)),
      listPublished: () => read((sql) => publicationsTable.listPublished(sql)),
      list: (params) => read((sql) => publicationsTable.list(sql, params)),
      get: (params) => read((sql) => publicationsTable.get(sql, params)),
      saveBundle: (bundle) => change((sql) => publicationsTable.saveBundle(sql, bundle)),
      getBundle: (params) => read((sql) => publicationsTable.getBundle(sql, params)),
      findBundles: (params) => read((sql) => publicationsTable.findBundles(sql, params)),
    },
    drafts: {
      insert: (draft) => change((sql) => draftsTable.insert(sql, draft)),
      replace: (draft) => change((sql) => draftsTable.replace(sql, draft)),
      get: (params) => read((sql) => draftsTable.get(sql, params)),
      list: (params) => read((sql) => draftsTable.list(sql, params)),
      count: (params) => read((sql) => draftsTable.count(sql, params)),
      delete: (params) => change((sql) => draftsTable.delete(sql, params)),
    },
    models: {
      saveCredential: (credential) => change((sql) => modelCredentialsTable.save(sql, credential)),
      getCredential: (params) => read((sql) => modelCredentialsTable.get(sql, params)),
      listCredentials: (params) => read((sql) => modelCredentialsTable.list(sql, params)),
      deleteCredential: (params) => change((sql) => modelCredentialsTable.delete(sql, params)),
      addUsage: ({ organizationId, use }) => change((sql) => modelUsageTable.add(sql, [{ ...use, organizationId }])),
      listUsage: (params) => read((sql) => modelUsageTable.list(sql, params)),
    },
  };
}

function scheduleRecords({ read, change }: SqlAccess): Pick<Records, 'schedules'> {
  return {
    schedules: {
      insert: (schedule) => change((sql) => schedulesTable.insert(sql, schedule)),
      get: (params) => read((sql) => schedulesTable.get(sql, params)),
      list: (params) => read((sql) => schedulesTable.list(sql, params)),
      listDeclared: () => read((sql) => schedulesTable.listDeclared(sql)),
      count: (params) => read((sql) => schedulesTable.count(sql, params)),
      update: (schedule) => change((sql) => schedulesTable.update(sql, schedule)),
      delete: (params) => change((sql) => schedulesTable.delete(sql, params)),
      listDue: (params) => read((sql) => schedulesTable.listDue(sql, params)),
      findNextDue: () => read((sql) => schedulesTable.findNextDue(sql)),
      postpone: (params) => change((sql) => schedulesTable.postpone(sql, params)),
      advance: (params) => change((sql) => schedulesTable.advance(sql, params)),
    },
  };
}

function auditRecords({ read, change, write }: SqlAccess): Pick<Records, 'audit'> {
  return {
    audit: {
      record: (params) => write((sql) => auditTable.record(sql, [params])),
      last: (params) => read((sql) => auditTable.last(sql, params)),
      list: (params) => read((sql) => auditTable.list(sql, params)),
      removeUpTo: (params) => change((sql) => auditTable.removeUpTo(sql, params)),
    },
  };
}

function webhookRecords({ read, change }: SqlAccess): Pick<Records, 'webhooks' | 'deliveries'> {
  return {
    webhooks: {
      insert: (webhook) => change((sql) => webhooksTable.insert(sql, webhook)),
      get: (params) => read((sql) => webhooksTable.get(sql, params)),
      list: (params) => read((sql) => webhooksTable.list(sql, params)),
      listAll: () => read((sql) => webhooksTable.listAll(sql)),
      update: (webhook) => change((sql) => webhooksTable.update(sql, webhook)),
      delete: (params) => change((sql) => webhooksTable.delete(sql, params)),
    },
    deliveries: {
      insert: (delivery) => change((sql) => deliveriesTable.insert(sql, [delivery])),
      get: (params) => read((sql) => deliveriesTable.get(sql, params)),
      list: (params) => read((sql) => deliveriesTable.list(sql, params)),
      listEndpoints: () => read((sql) => deliveriesTable.listEndpoints(sql)),
      claim: (params) => change((sql) => deliveriesTable.claim(sql, params)),
      settle: (params) => change((sql) => deliveriesTable.settle(sql, params)),
      replay: (params) => change((sql) => deliveriesTable.replay(sql, params)),
      replayMany: (params) => change((sql) => deliveriesTable.replayMany(sql, params)),
      giveUp: (params) => change((sql) => deliveriesTable.giveUp(sql, params)),
      purge: (params) => change((sql) => deliveriesTable.purge(sql, params)),
    },
  };
}

function secretRecords({ read, change }: SqlAccess): Pick<Records, 'secrets'> {
  return {
    secrets: {
      save: (secret) => change((sql) => secretsTable.save(sql, secret)),
      get: (params) => read((sql) => secretsTable.get(sql, params)),
      list: (params) => read((sql) => secretsTable.list(sql, params)),
      delete: (params) => change((sql) => secretsTable.delete(sql, params)),
    },
  };
}

function hookRecords({ read, change }: SqlAccess): Pick<Records, 'hooks'> {
  return {
    hooks: {
      insert: (hook) => change((sql) => hooksTable.insert(sql, hook)),
      get: (params) => read((sql) => hooksTable.get(sql, params)),
      findByToken: (params) => read((sql) => hooksTable.findByToken(sql, params)),
      list: (params) => read((sql) => hooksTable.list(sql, params)),
      update: (hook) => change((sql) => hooksTable.update(sql, hook)),
      count: (params) => change((sql) => hooksTable.count(sql, params)),
      delete: (params) => change((sql) => hooksTable.delete(sql, params)),
    },
  };
}

function bulkRecords({ read, change }: SqlAccess): Pick<Records, 'bulk'> {
  return {
    bulk: {
      insert: (job) => change((sql) => bulkJobsTable.insert(sql, job)),
      get: (params) => read((sql) => bulkJobsTable.get(sql, params)),
      list: (params) => read((sql) => bulkJobsTable.list(sql, params)),
      countRunning: (params) => read((sql) => bulkJobsTable.countRunning(sql, params)),
      claim: (params) => change((sql) => bulkJobsTable.claim(sql, params)),
      save: (params) => change((sql) => bulkJobsTable.save(sql, params)),
      stop: (params) => change((sql) => bulkJobsTable.stop(sql, params)),
      prune: (params) => change((sql) => bulkJobsTable.prune(sql, params)),
    },
  };
}

function eventRecords({ read, change }: SqlAccess): Pick<Records, 'events'> {
  return {
    events: {
      insert: (params) => change((sql) => eventsTable.insert(sql, params)),
      list: (params) => read((sql) => eventsTable.list(sql, params)),
      get: (params) => read((sql) => eventsTable.get(sql, params)),
      findFor: (params) => read((sql) => eventsTable.findFor(sql, params)),
      listWaiting: (params) => read((sql) => eventsTable.listWaiting(sql, params)),
      listUntold: (params) => read((sql) => eventsTable.listUntold(sql, params)),
      purge: (params) => change((sql) => eventsTable.purge(sql, params)),
    },
  };
}

function runRecords({ read, change, write, commit }: SqlAccess): Pick<Records, 'runs' | 'log' | 'retention' | 'days'> {
  return {
    runs: {
      beginDrive: (params) => change((sql) => runsTable.beginDrive(sql, params)),
      noteCutOff: (params) => change((sql) => runsTable.noteCutOff(sql, params)),
      commit,
      commitAll: (all) => write((sql) => commitAll(sql, all, OTHER_SHARD)),
      get: (params) => read((sql) => runsTable.get(sql, params)),
      getItem: (params) => read((sql) => runsTable.getItem(sql, params)),
      findByIdempotencyKey: (params) => read((sql) => runsTable.findByIdempotencyKey(sql, params)),
      findChild: (params) => read((sql) => runsTable.findChild(sql, params)),
      listBudgets: ({ runIds }) => read((sql) => runBudgetsTable.list(sql, runIds)),
      list: (query) => read((sql) => runsTable.list(sql, query)),
      search: (query) => read((sql) => searchRuns(sql, query)),
      listUnfinished: (params) => read((sql) => runsTable.listUnfinished(sql, params)),
      listCrashed: (params) => read((sql) => runsTable.listCrashed(sql, params)),
      listVersions: (params) => read((sql) => runsTable.listVersions(sql, params)),
    },
    log: {
      list: (params) => read((sql) => runLogTable.list(sql, params)),
      getInput: (params) => read((sql) => runLogTable.getInput(sql, params)),
    },
    retention: {
      listEnded: (params) => read((sql) => deletedRunsTable.listEnded(sql, params)),
      deleteRuns: (params) => write((sql) => deletedRunsTable.delete(sql, params, OTHER_SHARD)),
      purge: (params) => write((sql) => deletedRunsTable.purge(sql, params)),
    },
    days: {
      list: (params) => read((sql) => runDaysTable.list(sql, params)),
      purge: (params) => change((sql) => runDaysTable.purge(sql, params)),
    },
  };
}

function oauthRecords({
  read,
  change,
  write,
}: Pick<SqlAccess, 'read' | 'change' | 'write'>): Pick<Records, 'grants' | 'oauth'> {
  return {
    grants: {
      insert: (grant) => change((sql) => grantsTable.insert(sql, grant)),
      get: (params) => read((sql) => grantsTable.get(sql, params)),
      list: (params) => read((sql) => grantsTable.list(sql, params)),
      extend: (params) => change((sql) => grantsTable.extend(sql, params)),
      touch: (params) => change((sql) => grantsTable.touch(sql, params)),
      revoke: (params) => write((sql) => grantsTable.revoke(sql, params)),
      revokeOfKey: (params) => write((sql) => grantsTable.revokeOfKey(sql, params)),
    },
    oauth: {
      insertClient: (client) => change((sql) => oauthClientsTable.insert(sql, client)),
      getClient: (params) => read((sql) => oauthClientsTable.get(sql, params)),
      keepClient: (params) => change((sql) => oauthClientsTable.keep(sql, params)),
      countClients: () => read((sql) => oauthClientsTable.count(sql)),
      insertCode: (code) => change((sql) => oauthCodesTable.insert(sql, code)),
      useCode: (params) => write((sql) => oauthCodesTable.use(sql, params)),
      insertToken: (token) => change((sql) => oauthTokensTable.insert(sql, token)),
      findToken: (params) => read((sql) => oauthTokensTable.find(sql, params)),
      useToken: (params) => write((sql) => oauthTokensTable.use(sql, params)),
      purge: (params) => write((sql) => purgeOAuth(sql, params)),
    },
  };
}
