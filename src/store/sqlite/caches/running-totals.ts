import type { CreditAccount } from '../../../core/ports/store/credit-store.js';
import type { Run, RunStatus } from '../../../core/run/run.js';
import type { BatchParticipant } from '../connection/batch-participants.js';
import type { SqliteConnection } from '../connection/connection.js';
import { type AccountRow, toAccount } from '../../rows/credits/credit-rows.js';
import { encodeText } from '../connection/text.js';

const MAX_CACHED_ACCOUNTS = 10_000;

const SELECT_ACCOUNT = `
  SELECT * FROM credit_accounts WHERE organization_id = ?`;
const UPSERT_ACCOUNT = `
  INSERT INTO credit_accounts (organization_id, monthly_limit, reserved, used, month, topped_up, drawn, told)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (organization_id) DO UPDATE SET
    monthly_limit = excluded.monthly_limit, reserved = excluded.reserved, used = excluded.used, month = excluded.month,
    topped_up = excluded.topped_up, drawn = excluded.drawn, told = excluded.told`;
const UPSERT_COUNT = `
  INSERT INTO run_counts (organization_id, workflow_id, status, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

/**
 * The few rows that every transaction changes, run counts and credit accounts: changed in memory while a batch is
 * open and written once, before its COMMIT. Between batches memory equals what is committed.
 */
export class RunningTotals implements BatchParticipant {
  readonly #db: SqliteConnection;
  /** By organization, workflow and status, how many runs more there are. */
  readonly #counts = new Map<string, Map<string, Map<RunStatus, number>>>();
  #accounts = new Map<string, CreditAccount>();
  #changedAccounts = new Set<string>();

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  getAccount(organizationId: string): CreditAccount | null {
    const known = this.#accounts.get(organizationId);
    if (known !== undefined) return known;
    const row = this.#db.get(SELECT_ACCOUNT, encodeText(organizationId)) as AccountRow | undefined;
    if (row === undefined) return null;
    const account = toAccount(row);
    this.#accounts.set(organizationId, account);
    return account;
  }

  setAccount(account: CreditAccount): void {
    this.#accounts.set(account.organizationId, account);
    this.#changedAccounts.add(account.organizationId);
    this.#db.writes++;
  }

  /** For after its row was written by other means. */
  forgetAccount(organizationId: string): void {
    this.#accounts.delete(organizationId);
  }

  countRun(run: Pick<Run, 'organizationId' | 'workflowId'>, status: RunStatus, delta: 1 | -1): void {
    const ofWorkflow = this.#countsOf(run);
    ofWorkflow.set(status, (ofWorkflow.get(status) ?? 0) + delta);
    this.#db.writes++;
  }

  /** Maps in maps: a key made of all three would have to be put together, and hashed, for each change. */
  #countsOf({ organizationId, workflowId }: Pick<Run, 'organizationId' | 'workflowId'>): Map<RunStatus, number> {
    let ofOrganization = this.#counts.get(organizationId);
    if (ofOrganization === undefined) this.#counts.set(organizationId, (ofOrganization = new Map()));
    let ofWorkflow = ofOrganization.get(workflowId);
    if (ofWorkflow === undefined) ofOrganization.set(workflowId, (ofWorkflow = new Map()));
    return ofWorkflow;
  }

  /** Writes what changed. */
  flush(): void {
    if (this.#counts.size > 0) this.#flushCounts();
    if (this.#changedAccounts.size > 0) {
      for (const organizationId of this.#changedAccounts) {
        const { monthlyLimit, reserved, used, month, toppedUp, drawn, told } = this.#accounts.get(organizationId)!;
        const values = [monthlyLimit, reserved, used, month, toppedUp, drawn, told] as const;
        this.#db.run(UPSERT_ACCOUNT, encodeText(organizationId), ...values);
      }
      this.#changedAccounts.clear();
    }
    if (this.#accounts.size > MAX_CACHED_ACCOUNTS) this.#accounts.clear();
  }

  #flushCounts(): void {
    for (const [organizationId, workflows] of this.#counts) {
      for (const [workflowId, statuses] of workflows) {
        for (const [status, delta] of statuses) {
          if (delta === 0) continue;
          this.#db.run(UPSERT_COUNT, encodeText(organizationId), encodeText(workflowId), status, delta);
        }
      }
    }
    this.#counts.clear();
  }

  markSavepoint(): void {}

  committed(): void {}

  /** All that was changed since the savepoint, or the beginning, and has been written since then, is read again. */
  undo(): void {
    this.#counts.clear();
    this.#accounts.clear();
    this.#changedAccounts.clear();
  }

  reload(): void {
    this.undo();
  }
}
