import type { Records } from '../../core/ports/store/store.js';
import { beginDrive, commitRun } from './commit-run.js';
import { isUnfinished } from './tables/list-runs-sql.js';
import type { Tables } from './tables/tables.js';

/** How calls reach the tables, which is what the store and a transaction differ in. */
export interface TableAccess {
  readonly read: <T>(call: (tables: Tables) => T) => Promise<T>;
  readonly write: <T>(call: (tables: Tables) => T) => Promise<T>;
}

/** The port's calls, each one call of a table. */
export function createRecords(access: TableAccess): Records {
  return { ...tenantRecords(access), ...authorRecords(access), ...runRecords(access), ...oauthRecords(access) };
}

function tenantRecords({
  read,
  write,
}: TableAccess): Pick<Records, 'organizations' | 'keys' | 'idempotency' | 'credits'> {
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
      touch: (params) => write((tables) => tables.keys.touch(params)),
      remove: (params) => write((tables) => tables.keys.remove(params)),
    },
    idempotency: {
      insert: (call) => write((tables) => tables.idempotentCalls.insert(call)),
      find: (params) => read((tables) => tables.idempotentCalls.find(params)),
    },
    credits: {
      getAccount: (params) => read((tables) => tables.credits.getAccount(params)),
      setLimit: (params) => write((tables) => tables.credits.setLimit(params)),
      listMovements: (params) => read((tables) => tables.credits.listMovements(params)),
    },
  };
}

function authorRecords({ read, write }: TableAccess): Pick<Records, 'workflows' | 'models'> {
  return {
    workflows: {
      saveVersion: (params) => write((tables) => tables.workflows.save(params)),
      getVersion: (params) => read((tables) => tables.workflows.get(params)),
      listVersions: (params) => read((tables) => tables.workflows.list(params)),
    },
    models: {
      saveCredential: (credential) => write((tables) => tables.modelCredentials.save(credential)),
      getCredential: (params) => read((tables) => tables.modelCredentials.get(params)),
      listCredentials: (params) => read((tables) => tables.modelCredentials.list(params)),
      deleteCredential: (params) => write((tables) => tables.modelCredentials.delete(params)),
      addUsage: ({ organizationId, use }) => write((tables) => tables.modelUsage.add(organizationId, use)),
      listUsage: (params) => read((tables) => tables.modelUsage.list(params)),
    },
  };
}

function runRecords({ read, write }: TableAccess): Pick<Records, 'runs' | 'log' | 'retention'> {
  return {
    runs: {
      beginDrive: (params) => write((tables) => beginDrive(tables, params)),
      commit: (params) => write((tables) => commitRun(tables, params)),
      get: (params) => read((tables) => tables.runs.get(params)),
      findByIdempotencyKey: (params) => read((tables) => tables.runs.findByIdempotencyKey(params)),
      findChild: (params) => read((tables) => tables.runs.findChild(params)),
      // Rows are found by the status that they hold, which may have to be written first.
      list: (query) =>
        (query.status !== undefined && isUnfinished(query.status) ? write : read)((tables) => tables.runs.list(query)),
      listUnfinished: (params) => read((tables) => tables.runs.listUnfinished(params)),
      listCrashed: (params) => read((tables) => tables.drives.listCrashed(params)),
      listVersions: (params) => read((tables) => tables.runs.listVersions(params)),
    },
    log: {
      list: (params) => read((tables) => tables.log.list(params)),
      getInput: (params) => read((tables) => tables.log.getInput(params)),
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
  };
}

function oauthRecords({ read, write }: TableAccess): Pick<Records, 'grants' | 'oauth'> {
  return {
    grants: {
      insert: (grant) => write((tables) => tables.grants.insert(grant)),
      get: (params) => read((tables) => tables.grants.get(params)),
      list: (params) => read((tables) => tables.grants.list(params)),
      extend: (params) => write((tables) => tables.grants.extend(params)),
      touch: (params) => write((tables) => tables.grants.touch(params)),
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
