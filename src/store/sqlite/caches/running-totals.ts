import type { CreditAccount } from '../../../core/ports/store/credit-store.js';
import type { RunStatus } from '../../../core/run/run.js';
import type { BatchParticipant } from '../connection/batch-participants.js';
import type { SqliteConnection } from '../connection/connection.js';
import { decodeText, encodeText } from '../connection/text.js';

interface CountChange {
  readonly organizationId: string;
  readonly workflowId: string;
  readonly status: RunStatus;
  readonly delta: number;
}

const MAX_CACHED_ACCOUNTS = 10_000;

const SELECT_ACCOUNT = `
  SELECT organization_id, monthly_limit, reserved, used, month FROM credit_accounts WHERE organization_id = ?`;
const UPSERT_ACCOUNT = `
  INSERT INTO credit_accounts (organization_id, monthly_limit, reserved, used, month) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (organization_id) DO UPDATE SET
    monthly_limit = excluded.monthly_limit, reserved = excluded.reserved, used = excluded.used, month = excluded.month`;
const UPSERT_COUNT = `
  INSERT INTO run_counts (organization_id, workflow_id, status, count) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

interface AccountRow {
  readonly organization_id: string;
  readonly monthly_limit: number;
  readonly reserved: number;
  readonly used: number;
  readonly month: string;
}

/**
 * The few rows that every transaction changes, run counts and credit accounts: changed in memory while a batch is
 * open and written once, before its COMMIT. Between batches memory equals what is committed.
 */
export class RunningTotals implements BatchParticipant {
  readonly #db: SqliteConnection;
  #counts = new Map<string, CountChange>();
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
    const account = {
      organizationId: decodeText(row.organization_id),
      monthlyLimit: row.monthly_limit,
      reserved: row.reserved,
      used: row.used,
      month: row.month,
    };
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

  countRun({ organizationId, workflowId, status, delta }: CountChange): void {
    // No id or status holds a NUL.
    const key = `${organizationId}\0${workflowId}\0${status}`;
    const change = this.#counts.get(key);
    if (change === undefined) this.#counts.set(key, { organizationId, workflowId, status, delta });
    else this.#counts.set(key, { organizationId, workflowId, status, delta: change.delta + delta });
    this.#db.writes++;
  }

  /** Writes what changed. */
  flush(): void {
    if (this.#counts.size > 0) {
      for (const { organizationId, workflowId, status, delta } of this.#counts.values()) {
        if (delta !== 0) this.#db.run(UPSERT_COUNT, encodeText(organizationId), encodeText(workflowId), status, delta);
      }
      this.#counts.clear();
    }
    if (this.#changedAccounts.size > 0) {
      for (const organizationId of this.#changedAccounts) {
        const { monthlyLimit, reserved, used, month } = this.#accounts.get(organizationId)!;
        this.#db.run(UPSERT_ACCOUNT, encodeText(organizationId), monthlyLimit, reserved, used, month);
      }
      this.#changedAccounts.clear();
    }
    if (this.#accounts.size > MAX_CACHED_ACCOUNTS) this.#accounts.clear();
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
