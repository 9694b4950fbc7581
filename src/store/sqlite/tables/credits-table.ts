import type { CreditMovement } from '../../../core/run/credits.js';
import { ErrandError } from '../../../core/errors.js';
import type {
  CreditAccount,
  ListMovementsParams,
  SetLimitParams,
  TellMark,
} from '../../../core/ports/store/credit-store.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import type { RunningTotals } from '../caches/running-totals.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { type MovementRow, toMovement, toMovementRow } from '../../rows/credits/credit-rows.js';
import { moveCredits, type Moved, tellMarks } from '../../rows/credits/move-credits.js';
import type { Delivery } from '../../../core/webhooks/delivery.js';
import { encodeText } from '../connection/text.js';

const INSERT_MOVEMENT = `
  INSERT INTO credit_movements
    (organization_id, id, run_id, kind, reserved_delta, used_delta, topped_up_delta, month, at, reason, idempotency_key)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SET_LIMIT = `
  INSERT INTO credit_accounts (organization_id, monthly_limit, reserved, used, month) VALUES (?, ?, 0, 0, ?)
  ON CONFLICT (organization_id) DO UPDATE SET monthly_limit = excluded.monthly_limit`;
const LIST_MOVEMENTS = `
  SELECT * FROM credit_movements WHERE organization_id = ? AND id < ? ORDER BY id DESC LIMIT ? OFFSET ?`;
/** Higher than every id. */
const NEWEST = '~';
export class CreditsTable {
  readonly #db: SqliteConnection;
  readonly #totals: RunningTotals;

  constructor(db: SqliteConnection, totals: RunningTotals) {
    this.#db = db;
    this.#totals = totals;
  }

  getAccount({ organizationId }: { readonly organizationId: string }): CreditAccount | null {
    return this.#totals.getAccount(organizationId);
  }

  /** Gives what others are to be told of it. */
  setLimit({ organizationId, monthlyLimit, month, tells }: SetLimitParams): readonly Delivery[] {
    // Written through, so that a value the table refuses fails here and not at the commit that others share.
    this.#totals.flush();
    try {
      this.#db.run(SET_LIMIT, encodeText(organizationId), monthlyLimit, month);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw missingOrganization(organizationId, error);
    }
    this.#totals.forgetAccount(organizationId);
    if (tells === undefined) return [];
    const { account, deliveries } = tellMarks(this.#accountOf(organizationId), tells);
    if (deliveries.length > 0) this.#totals.setAccount(account);
    return deliveries;
  }

  /**
   * What a movement comes to, before anything is written. Throws `insufficient_credits` unless what is to be reserved is
   * available, and `not_found` when there is no account.
   */
  plan(movement: CreditMovement, tellMark: TellMark | undefined): Moved {
    return moveCredits(this.#accountOf(movement.organizationId), movement, tellMark);
  }

  move({ account, movement }: Moved): void {
    this.#insert(movement);
    this.#totals.setAccount(account);
  }

  topUp(movement: CreditMovement): void {
    this.move(this.plan(movement, undefined));
  }

  #accountOf(organizationId: string): CreditAccount {
    const account = this.#totals.getAccount(organizationId);
    if (account !== null) return account;
    throw new ErrandError('not_found', `Organization ${organizationId} has no credit account.`);
  }

  /** Newest first. */
  listMovements(params: ListMovementsParams): CreditMovement[] {
    const { organizationId, beforeId = NEWEST, limit, offset } = params;
    const values = [encodeText(organizationId), encodeText(beforeId), limit, offset];
    return (this.#db.all(LIST_MOVEMENTS, ...values) as MovementRow[]).map(toMovement);
  }

  #insert(movement: CreditMovement): void {
    const row = toMovementRow(movement);
    try {
      this.#db.run(
        INSERT_MOVEMENT,
        row.organization_id,
        row.id,
        row.run_id,
        row.kind,
        row.reserved_delta,
        row.used_delta,
        row.topped_up_delta,
        row.month,
        row.at,
        row.reason,
        row.idempotency_key,
      );
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw new ErrandError('conflict', `The credit movement ${movement.id} has been made already.`, {
        details: { reason: 'id' },
        cause: error,
      });
    }
  }
}
