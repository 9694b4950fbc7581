import type { CreditMovement } from '../../core/run/credits.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import type { ApiKey, ListRunsQuery, NewRun, Organization, Store } from '../../core/ports/store.js';
import { ApiKeysTable } from './api-keys-table.js';
import type { Connection } from './connection.js';
import { CreditsTable } from './credits-table.js';
import { DeletedRunsTable } from './deleted-runs-table.js';
import { isUnfinished } from './list-runs-sql.js';
import type { LiveRuns } from './live-runs.js';
import { ModelCredentialsTable } from './model-credentials-table.js';
import { ModelUsageTable } from './model-usage-table.js';
import { OrganizationsTable } from './organizations-table.js';
import { RunLogTable } from './run-log-table.js';
import type { RunningTotals } from './running-totals.js';
import { RunsTable } from './runs-table.js';
import { WorkflowVersionsTable } from './workflow-versions-table.js';

export interface Tables {
  readonly organizations: OrganizationsTable;
  readonly keys: ApiKeysTable;
  readonly modelCredentials: ModelCredentialsTable;
  readonly modelUsage: ModelUsageTable;
  readonly workflows: WorkflowVersionsTable;
  readonly runs: RunsTable;
  readonly log: RunLogTable;
  readonly deleted: DeletedRunsTable;
  readonly credits: CreditsTable;
}

export function createTables(db: Connection, totals: RunningTotals, live: LiveRuns): Tables {
  return {
    organizations: new OrganizationsTable(db),
    keys: new ApiKeysTable(db),
    modelCredentials: new ModelCredentialsTable(db),
    modelUsage: new ModelUsageTable(db),
    workflows: new WorkflowVersionsTable(db),
    runs: new RunsTable(db, totals, live),
    log: new RunLogTable(db, live),
    deleted: new DeletedRunsTable(db, totals),
    credits: new CreditsTable(db, totals),
  };
}

type Params<Method extends keyof Store> = Parameters<Store[Method]>[0];

/** The port's calls, each one call of a table. How they reach the tables is what store and transaction differ in. */
export abstract class StoreCalls {
  protected abstract read<T>(call: (tables: Tables) => T): Promise<T>;
  protected abstract write<T>(call: (tables: Tables) => T): Promise<T>;

  insertOrganization(organization: Organization) {
    return this.write((tables) => tables.organizations.insert(organization));
  }

  updateOrganization(organization: Organization) {
    return this.write((tables) => tables.organizations.update(organization));
  }

  getOrganization(params: Params<'getOrganization'>) {
    return this.read((tables) => tables.organizations.get(params));
  }

  findOrganization(params: Params<'findOrganization'>) {
    return this.read((tables) => tables.organizations.find(params));
  }

  listOrganizations(params: Params<'listOrganizations'>) {
    return this.read((tables) => tables.organizations.list(params));
  }

  insertKey(key: ApiKey) {
    return this.write((tables) => tables.keys.insert(key));
  }

  findKey(params: Params<'findKey'>) {
    return this.read((tables) => tables.keys.find(params));
  }

  listKeys(params: Params<'listKeys'>) {
    return this.read((tables) => tables.keys.list(params));
  }

  revokeKey(params: Params<'revokeKey'>) {
    return this.write((tables) => tables.keys.revoke(params));
  }

  touchKey(params: Params<'touchKey'>) {
    return this.write((tables) => tables.keys.touch(params));
  }

  saveModelCredential(credential: Params<'saveModelCredential'>) {
    return this.write((tables) => tables.modelCredentials.save(credential));
  }

  getModelCredential(params: Params<'getModelCredential'>) {
    return this.read((tables) => tables.modelCredentials.get(params));
  }

  listModelCredentials(params: Params<'listModelCredentials'>) {
    return this.read((tables) => tables.modelCredentials.list(params));
  }

  deleteModelCredential(params: Params<'deleteModelCredential'>) {
    return this.write((tables) => tables.modelCredentials.delete(params));
  }

  addModelUsage(params: Params<'addModelUsage'>) {
    return this.write((tables) => tables.modelUsage.add(params));
  }

  listModelUsage(params: Params<'listModelUsage'>) {
    return this.read((tables) => tables.modelUsage.list(params));
  }

  saveWorkflowVersion(params: Params<'saveWorkflowVersion'>) {
    return this.write((tables) => tables.workflows.save(params));
  }

  getWorkflowVersion(params: Params<'getWorkflowVersion'>) {
    return this.read((tables) => tables.workflows.get(params));
  }

  listWorkflowVersions(params: Params<'listWorkflowVersions'>) {
    return this.read((tables) => tables.workflows.list(params));
  }

  insertRun(params: NewRun) {
    return this.write((tables) => tables.runs.insert(params));
  }

  saveRun(run: Run) {
    return this.write((tables) => tables.runs.save(run));
  }

  getRun(params: Params<'getRun'>) {
    return this.read((tables) => tables.runs.get(params));
  }

  findRunByIdempotencyKey(params: Params<'findRunByIdempotencyKey'>) {
    return this.read((tables) => tables.runs.findByIdempotencyKey(params));
  }

  listRuns(query: ListRunsQuery) {
    const list = (tables: Tables) => tables.runs.list(query);
    return query.status !== undefined && isUnfinished(query.status) ? this.write(list) : this.read(list);
  }

  listUnfinishedRuns(params: Params<'listUnfinishedRuns'>) {
    return this.read((tables) => tables.runs.listUnfinished(params));
  }

  listRunVersions(params: Params<'listRunVersions'>) {
    return this.read((tables) => tables.runs.listVersions(params));
  }

  listEndedRuns(params: Params<'listEndedRuns'>) {
    return this.read((tables) => tables.deleted.listEnded(params));
  }

  deleteRuns(params: Params<'deleteRuns'>) {
    return this.write((tables) => {
      tables.runs.evict(params.runIds);
      return tables.deleted.delete(params);
    });
  }

  purgeDeletedRuns(params: Params<'purgeDeletedRuns'>) {
    return this.write((tables) => tables.deleted.purge(params));
  }

  appendEvents(params: { readonly runId: string; readonly events: readonly RunEvent[] }) {
    return this.write((tables) => tables.log.append(params));
  }

  listEvents(params: Params<'listEvents'>) {
    return this.read((tables) => tables.log.list(params));
  }

  rewriteEvents(params: Params<'rewriteEvents'>) {
    return this.write((tables) => tables.log.rewrite(params));
  }

  getRunInput(params: Params<'getRunInput'>) {
    return this.read((tables) => tables.log.getInput(params));
  }

  getCreditAccount(params: Params<'getCreditAccount'>) {
    return this.read((tables) => tables.credits.getAccount(params));
  }

  setCreditLimit(params: Params<'setCreditLimit'>) {
    return this.write((tables) => tables.credits.setLimit(params));
  }

  moveCredits(movement: CreditMovement, requireAvailable?: number) {
    return this.write((tables) => tables.credits.move(movement, requireAvailable));
  }

  listCreditMovements(params: Params<'listCreditMovements'>) {
    return this.read((tables) => tables.credits.listMovements(params));
  }

  sumLedger(params: Params<'sumLedger'>) {
    return this.read((tables) => tables.credits.sum(params));
  }
}
