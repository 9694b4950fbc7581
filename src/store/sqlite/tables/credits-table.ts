import type { CreditMovement } from '../../../core/run/credits.js';
import { ErrandError } from '../../../core/errors.js';
import type { CreditAccount, ListMovementsParams } from '../../../core/ports/store/credit-store.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import type { RunningTotals } from '../caches/running-totals.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { decodeText, encodeText } from '../connection/text.js';

interface MovementRow {
  readonly organization_id: string;
  readonly id: string;
  readonly run_id: string;
  readonly kind: CreditMovement['kind'];
  readonly reserved_delta: number;
  readonly used_delta: number;
  readonly month: string;
  readonly at: number;
}

const INSERT_MOVEMENT = `
  INSERT INTO credit_movements (organization_id, id, run_id, kind, reserved_delta, used_delta, month, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
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

  setLimit(params: { organizationId: string; monthlyLimit: number; month: string }): void {
    // Written through, so that a value the table refuses fails here and not at the commit that others share.
    this.#totals.flush();
    try {
      this.#db.run(SET_LIMIT, encodeText(params.organizationId), params.monthlyLimit, params.month);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw missingOrganization(params.organizationId, error);
    }
    this.#totals.forgetAccount(params.organizationId);
  }

  /**
   * Throws `insufficient_credits` unless what is to be reserved is available, and `not_found` when there is no account.
   */
  assertAvailable(movement: CreditMovement): void {
    const { monthlyLimit, used, reserved } = this.#accountFor(movement);
    if (movement.kind !== 'reserve' || monthlyLimit - used - reserved >= movement.reservedDelta) return;
    throw new ErrandError('insufficient_credits', `Fewer than ${movement.reservedDelta} credits are available.`);
  }

  move(movement: CreditMovement): void {
    const account = this.#accountFor(movement);
    this.#insert(movement, account.month);
    this.#totals.setAccount({
      ...account,
      reserved: account.reserved + movement.reservedDelta,
      used: account.used + movement.usedDelta,
    });
  }

  /** As it is in the month in which the movement counts. */
  #accountFor({ organizationId, month }: CreditMovement): CreditAccount {
    const account = this.#totals.getAccount(organizationId);
    if (account === null) {
      throw new ErrandError('not_found', `Organization ${organizationId} has no credit account.`);
    }
    // A clock that went back to an earlier month must not undo the later one's usage: it counts in the later one.
    return month > account.month ? { ...account, used: 0, month } : account;
  }

  /** Newest first. */
  listMovements(params: ListMovementsParams): CreditMovement[] {
    const { organizationId, beforeId = NEWEST, limit, offset } = params;
    const values = [encodeText(organizationId), encodeText(beforeId), limit, offset];
    return (this.#db.all(LIST_MOVEMENTS, ...values) as MovementRow[]).map(toMovement);
  }

  #insert(movement: CreditMovement, month: string): void {
    try {
      this.#db.run(
        INSERT_MOVEMENT,
        encodeText(movement.organizationId),
        encodeText(movement.id),
        encodeText(movement.runId),
        movement.kind,
        movement.reservedDelta,
        movement.usedDelta,
        month,
        movement.at,
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

function toMovement(row: MovementRow): CreditMovement {
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    runId: decodeText(row.run_id),
    kind: row.kind,
    reservedDelta: row.reserved_delta,
    usedDelta: row.used_delta,
    month: row.month,
    at: row.at,
  };
}
