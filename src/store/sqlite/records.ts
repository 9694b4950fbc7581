import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import type { RunKey } from '../../core/ports/store/run-store.js';
import type { Records } from '../../core/ports/store/store.js';
import { beginDrive, commitAll, commitRun, noteCutOff } from './commit-run.js';
import { isUnfinished } from './tables/search/list-runs-sql.js';
import { withLongEvent, withLongOutput, type LongTextAccess } from './tables/long-texts/long-texts.js';
import type { Tables } from './tables/tables.js';

/** `runs`: whatever commits of runs change. `settings`: the rest. */
export type RecordGroup = 'runs' | 'settings';

export interface GroupAccess {
  /** Answers when all that is committed of the group is durable. */
  readonly read: <T>(call: (tables: Tables) => T) => Promise<T>;
  readonly write: <T>(call: (tables: Tables) => T) => Promise<T>;
}

/** How calls reach the tables, which is what the store and a transaction differ in. */
export interface TableAccess extends LongTextAccess {
  readonly groups: { readonly [group in RecordGroup]: GroupAccess };
  /** Answers at once. The call is told whether it may see only what is durable. */
  readonly readRun: <T>(call: (tables: Tables, isDurableOnly: boolean) => T | Promise<T>) => Promise<T>;
  /** Answers when the run that is found is durable; at once where none is found. */
  readonly findRun: <T>(call: (tables: Tables) => T, idOf: (found: T) => string | undefined) => Promise<T>;
}

/** The port's calls, each one call of a table. */
export function createRecords(access: TableAccess): Records {
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

function tenantRecords({ groups }: TableAccess): Pick<Records, 'organizations' | 'keys' | 'idempotency' | 'credits'> {
  const { read, write } = groups.settings;
  return {
    organizations: {
      insert: (organization) => write((tables) => tables.organizations.insert(organization)),
      update: (organization) => write((tables) => tables.organizations.update(organization)),
      get: (params) => read((tables) => tables.organizations.get(params)),
      find: (params) => read((tables) => tables.organizations.find(params)),
      list: (params) => read((tables) => tables.organizations.list(params)),
    },
    keys: {
      insert: (key) => write((tables) => tables.keys.insert(key)),
      find: (params) => read((tables) => tables.keys.find(params)),
      get: (params) => read((tables) => tables.keys.get(params)),
      count: (params) => read((tables) => tables.keys.count(params)),
      list: (params) => read((tables) => tables.keys.list(params)),
      revoke: (params) => write((tables) => tables.keys.revoke(params)),
      // Nobody waits for when a key was last used.
      touch: (params) => groups.runs.write((tables) => tables.keys.touch(params)),
      remove: (params) => write((tables) => tables.keys.remove(params)),
    },
    idempotency: {
      insert: (call) => write((tables) => tables.idempotentCalls.insert(call)),
      find: (params) => read((tables) => tables.idempotentCalls.find(params)),
    },
    credits: {
      getAccount: (params) => groups.runs.read((tables) => tables.credits.getAccount(params)),
      setLimit: (params) =>
        groups.runs.write(({ credits, deliveries }) =>
          credits.setLimit(params).forEach((told) => deliveries.insert(told)),
        ),
      topUp: (movement) => groups.runs.write((tables) => tables.credits.topUp(movement)),
      listMovements: (params) => groups.runs.read((tables) => tables.credits.listMovements(params)),
    },
  };
}

function authorRecords({ groups }: TableAccess): Pick<Records, 'workflows' | 'publications' | 'drafts' | 'models'> {
  const { read, write } = groups.settings;
  return {
    workflows: {
      saveVersion: (params) => write((tables) => tables.workflows.save(params)),
      getVersion: (params) => read((tables) => tables.workflows.get(params)),
      listOf: (params) => read((tables) => tables.workflows.listOf(params)),
      measure: (params) => read((tables) => tables.workflows.measure(params)),
      listVersions: (params) => read((tables) => tables.workflows.list(params)),
    },
    publications: {
      publish: (params) => write((tables) => tables.publications.publish(params)),
      latest: () => read((tables) => tables.publications.latest()),
      listPublished: () => read((tables) => tables.publications.listPublished()),
      list: (params) => read((tables) => tables.publications.list(params)),
      get: (params) => read((tables) => tables.publications.get(params)),
      saveBundle: (bundle) => write((tables) => tables.publications.saveBundle(bundle)),
      getBundle: (params) => read((tables) => tables.publications.getBundle(params)),
      findBundles: (params) => read((tables) => tables.publications.findBundles(params)),
    },
    drafts: {
      insert: (draft) => write((tables) => tables.drafts.insert(draft)),
      replace: (draft) => write((tables) => tables.drafts.replace(draft)),
      get: (params) => read((tables) => tables.drafts.get(params)),
      list: (params) => read((tables) => tables.drafts.list(params)),
      count: (params) => read((tables) => tables.drafts.count(params)),
      delete: (params) => write((tables) => tables.drafts.delete(params)),
    },
    models: {
      saveCredential: (credential) => write((tables) => tables.modelCredentials.save(credential)),
      getCredential: (params) => read((tables) => tables.modelCredentials.get(params)),
      listCredentials: (params) => read((tables) => tables.modelCredentials.list(params)),
      deleteCredential: (params) => write((tables) => tables.modelCredentials.delete(params)),
      addUsage: ({ organizationId, use }) => groups.runs.write((tables) => tables.modelUsage.add(organizationId, use)),
      listUsage: (params) => groups.runs.read((tables) => tables.modelUsage.list(params)),
    },
  };
}

function scheduleRecords({ groups }: TableAccess): Pick<Records, 'schedules'> {
  const { read, write } = groups.settings;
  return {
    schedules: {
      insert: (schedule) => write((tables) => tables.schedules.insert(schedule)),
      get: (params) => read((tables) => tables.schedules.get(params)),
      list: (params) => read((tables) => tables.schedules.list(params)),
      listDeclared: () => read((tables) => tables.schedules.listDeclared()),
      count: (params) => read((tables) => tables.schedules.count(params)),
      update: (schedule) => write((tables) => tables.schedules.update(schedule)),
      delete: (params) => write((tables) => tables.schedules.delete(params)),
      listDue: (params) => read((tables) => tables.schedules.listDue(params)),
      findNextDue: () => read((tables) => tables.schedules.findNextDue()),
      postpone: (params) => write((tables) => tables.schedules.postpone(params)),
      advance: (params) => write((tables) => tables.schedules.advance(params)),
    },
  };
}

function auditRecords({ groups }: TableAccess): Pick<Records, 'audit'> {
  // Commits of runs write entries.
  const { read, write } = groups.runs;
  return {
    audit: {
      record: (params) => write((tables) => tables.audit.record(params)),
      last: (params) => read((tables) => tables.audit.last(params)),
      list: (params) => read((tables) => tables.audit.list(params)),
      removeUpTo: (params) => write((tables) => tables.audit.removeUpTo(params)),
    },
  };
}

function webhookRecords({ groups }: TableAccess): Pick<Records, 'webhooks' | 'deliveries'> {
  const { read, write } = groups.settings;
  // Commits of runs write them.
  const deliveries = groups.runs;
  return {
    webhooks: {
      insert: (webhook) => write((tables) => tables.webhooks.insert(webhook)),
      get: (params) => read((tables) => tables.webhooks.get(params)),
      list: (params) => read((tables) => tables.webhooks.list(params)),
      listAll: () => read((tables) => tables.webhooks.listAll()),
      update: (webhook) => write((tables) => tables.webhooks.update(webhook)),
      delete: (params) => write((tables) => tables.webhooks.delete(params)),
    },
    deliveries: {
      insert: (delivery) => deliveries.write((tables) => tables.deliveries.insert(delivery)),
      get: (params) => deliveries.read((tables) => tables.deliveries.get(params)),
      list: (params) => deliveries.read((tables) => tables.deliveries.list(params)),
      listEndpoints: () => deliveries.read((tables) => tables.deliveries.listEndpoints()),
      claim: (params) => deliveries.write((tables) => tables.deliveries.claim(params)),
      settle: (params) => deliveries.write((tables) => tables.deliveries.settle(params)),
      replay: (params) => deliveries.write((tables) => tables.deliveries.replay(params)),
      replayMany: (params) => deliveries.write((tables) => tables.deliveries.replayMany(params)),
      giveUp: (params) => deliveries.write((tables) => tables.deliveries.giveUp(params)),
      purge: (params) => deliveries.write((tables) => tables.deliveries.purge(params)),
    },
  };
}

function secretRecords({ groups }: TableAccess): Pick<Records, 'secrets'> {
  const { read, write } = groups.settings;
  return {
    secrets: {
      save: (secret) => write((tables) => tables.secrets.save(secret)),
      get: (params) => read((tables) => tables.secrets.get(params)),
      list: (params) => read((tables) => tables.secrets.list(params)),
      delete: (params) => write((tables) => tables.secrets.delete(params)),
    },
  };
}

function hookRecords({ groups }: TableAccess): Pick<Records, 'hooks'> {
  const { read, write } = groups.settings;
  return {
    hooks: {
      insert: (hook) => write((tables) => tables.hooks.insert(hook)),
      get: (params) => read((tables) => tables.hooks.get(params)),
      findByToken: (params) => read((tables) => tables.hooks.findByToken(params)),
      list: (params) => read((tables) => tables.hooks.list(params)),
      update: (hook) => write((tables) => tables.hooks.update(hook)),
      count: (params) => write((tables) => tables.hooks.count(params)),
      delete: (params) => write((tables) => tables.hooks.delete(params)),
    },
  };
}

function bulkRecords({ groups }: TableAccess): Pick<Records, 'bulk'> {
  const { read, write } = groups.settings;
  return {
    bulk: {
      insert: (job) => write((tables) => tables.bulk.insert(job)),
      get: (params) => read((tables) => tables.bulk.get(params)),
      list: (params) => read((tables) => tables.bulk.list(params)),
      countRunning: (params) => read((tables) => tables.bulk.countRunning(params)),
      claim: (params) => write((tables) => tables.bulk.claim(params)),
      save: (params) => write((tables) => tables.bulk.save(params)),
      stop: (params) => write((tables) => tables.bulk.stop(params)),
      prune: (params) => write((tables) => tables.bulk.prune(params)),
    },
  };
}

function eventRecords({ groups }: TableAccess): Pick<Records, 'events'> {
  // Commits of runs write who waits.
  const { read, write } = groups.runs;
  return {
    events: {
      insert: (params) => write((tables) => tables.events.insert(params)),
      list: (params) => read((tables) => tables.events.list(params)),
      get: (params) => read((tables) => tables.events.get(params)),
      findFor: (params) => read((tables) => tables.events.findFor(params)),
      listWaiting: (params) => read((tables) => tables.events.listWaiting(params)),
      listUntold: (params) => read((tables) => tables.events.listUntold(params)),
      purge: (params) => write((tables) => tables.events.purge(params)),
    },
  };
}

/** With an output that is read over several turns. */
async function getWhole(access: TableAccess, params: RunKey): Promise<Run | null> {
  const find = () =>
    access.readRun(({ runs }, isDurableOnly) => (isDurableOnly ? runs.getDurable(params) : runs.get(params)));
  return (await withLongOutput(access, find, (run) => run ?? undefined)).run ?? null;
}

function foundRuns(access: TableAccess): Pick<Records['runs'], 'get' | 'findByIdempotencyKey' | 'findChild'> {
  const { readRun, findRun } = access;
  return {
    get: (params) =>
      readRun(({ runs, pieces }, isDurableOnly) => {
        const run = isDurableOnly ? runs.getDurable(params) : runs.get(params);
        return run === null || !pieces.isUnread(run) ? run : getWhole(access, params);
      }),
    findByIdempotencyKey: async (params) => {
      const find = () =>
        findRun(
          ({ runs }) => runs.findByIdempotencyKey(params),
          (found) => found?.run.id,
        );
      const { found, run } = await withLongOutput(access, find, (one) => one?.run);
      return found === null || run === undefined ? null : { ...found, run };
    },
    findChild: async (params) => {
      const find = () =>
        findRun(
          ({ runs }) => runs.findChild(params),
          (found) => found?.id,
        );
      return (await withLongOutput(access, find, (one) => one ?? undefined)).run ?? null;
    },
  };
}

function listLog(
  { runs, log }: Tables,
  isDurableOnly: boolean,
  params: Parameters<Records['log']['list']>[0],
): RunEvent[] {
  return log.list(isDurableOnly ? { ...params, upTo: runs.durableVersion(params.runId) } : params);
}

function runRecords(access: TableAccess): Pick<Records, 'runs' | 'log' | 'retention' | 'days'> {
  const { groups, readRun } = access;
  const { read, write } = groups.runs;
  return {
    runs: {
      beginDrive: (params) => write((tables) => beginDrive(tables, params)),
      noteCutOff: (params) => write((tables) => noteCutOff(tables, params)),
      commit: (params) => write((tables) => commitRun(tables, params)),
      commitAll: (all) => write((tables) => commitAll(tables, all)),
      ...foundRuns(access),
      getItem: (params) => readRun(({ runs }, isDurableOnly) => runs.getItem(params, isDurableOnly)),
      listBudgets: ({ runIds }) => read((tables) => tables.budgets.list(runIds)),
      // Rows are found by the status that they hold, which may have to be written first.
      list: (query) =>
        (query.status !== undefined && isUnfinished(query.status) ? write : read)((tables) => tables.runs.list(query)),
      search: (query) =>
        query.statuses.some(isUnfinished)
          ? write((tables) => {
              tables.runs.catchUpStatuses();
              return tables.search.search(query);
            })
          : read((tables) => tables.search.search(query)),
      listUnfinished: (params) => read((tables) => tables.runs.listUnfinished(params)),
      listCrashed: (params) => read((tables) => tables.drives.listCrashed(params)),
      listVersions: (params) => read((tables) => tables.runs.listVersions(params)),
    },
    log: {
      list: (params) =>
        readRun((tables, isDurableOnly) => {
          const events = listLog(tables, isDurableOnly, params);
          const last = events.at(-1);
          if (last === undefined || !tables.pieces.isUnread(last)) return events;
          return withLongEvent(access, params.runId, () =>
            readRun((now, isStillDurableOnly) => listLog(now, isStillDurableOnly, params)),
          );
        }),
      getInput: (params) =>
        readRun(({ runs, log }, isDurableOnly) =>
          isDurableOnly && runs.durableVersion(params.runId) === 0 ? null : log.getInput(params),
        ),
    },
    retention: {
      listEnded: (params) => read((tables) => tables.deleted.listEnded(params)),
      deleteRuns: (params) =>
        write((tables) => {
          tables.runs.evict(params.runIds);
          return tables.deleted.delete(params);
        }),
      purge: (params) => write((tables) => tables.deleted.purge(params)),
    },
    days: {
      list: (params) => read((tables) => tables.days.list(params)),
      purge: (params) => write((tables) => tables.days.purge(params)),
    },
  };
}

function oauthRecords({ groups }: TableAccess): Pick<Records, 'grants' | 'oauth'> {
  const { read, write } = groups.settings;
  return {
    grants: {
      insert: (grant) => write((tables) => tables.grants.insert(grant)),
      get: (params) => read((tables) => tables.grants.get(params)),
      list: (params) => read((tables) => tables.grants.list(params)),
      extend: (params) => write((tables) => tables.grants.extend(params)),
      touch: (params) => groups.runs.write((tables) => tables.grants.touch(params)),
      revoke: (params) =>
        write((tables) => {
          tables.oauthTokens.removeOfGrants([params.id], params.organizationId);
          return tables.grants.revoke(params);
        }),
      revokeOfKey: (params) =>
        write((tables) => {
          const ids = tables.grants.revokeOfKey(params);
          tables.oauthTokens.removeOfGrants(ids, params.organizationId);
          return ids;
        }),
    },
    oauth: {
      insertClient: (client) => write((tables) => tables.oauthClients.insert(client)),
      getClient: (params) => read((tables) => tables.oauthClients.get(params)),
      keepClient: (params) => write((tables) => tables.oauthClients.keep(params)),
      countClients: () => read((tables) => tables.oauthClients.count()),
      insertCode: (code) => write((tables) => tables.oauthCodes.insert(code)),
      useCode: (params) => write((tables) => tables.oauthCodes.use(params)),
      insertToken: (token) => write((tables) => tables.oauthTokens.insert(token)),
      findToken: (params) => read((tables) => tables.oauthTokens.find(params)),
      useToken: (params) => write((tables) => tables.oauthTokens.use(params)),
      purge: (params) => write((tables) => tables.oauthTokens.purge(params)),
    },
  };
}
