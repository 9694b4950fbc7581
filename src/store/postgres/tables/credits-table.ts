import { ErrandError } from '../../../core/errors.js';
import type { CreditAccount, ListMovementsParams, SetLimitParams } from '../../../core/ports/store/credit-store.js';
import type { CreditMovement } from '../../../core/run/credits.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { first, type Sql } from '../connection/sql.js';

interface AccountRow {
  readonly organization_id: string;
  readonly monthly_limit: number;
  readonly reserved: number;
  readonly used: number;
  readonly month: string;
}

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

const SELECT_ACCOUNT = 'SELECT * FROM credit_accounts WHERE organization_id = $1';
/** In one order, so that two transactions never wait for each other. */
const LOCK_ACCOUNTS = `
  SELECT * FROM credit_accounts WHERE organization_id = ANY($1::text[]) ORDER BY organization_id FOR NO KEY UPDATE`;
const UPDATE_ACCOUNTS = `
  UPDATE credit_accounts SET reserved = changed.reserved, used = changed.used, month = changed.month
  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) AS changed (organization_id, reserved, used, month)
  WHERE credit_accounts.organization_id = changed.organization_id`;
const INSERT_MOVEMENTS = `
  INSERT INTO credit_movements (organization_id, id, run_id, kind, reserved_delta, used_delta, month, at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[])`;
const SET_LIMIT = `
  INSERT INTO credit_accounts (organization_id, monthly_limit, reserved, used, month) VALUES ($1, $2, 0, 0, $3)
  ON CONFLICT (organization_id) DO UPDATE SET monthly_limit = excluded.monthly_limit`;
const LIST_MOVEMENTS = `
  SELECT * FROM credit_movements WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3 OFFSET $4`;
/** Higher than every id. */
const NEWEST = '~';

export const creditsTable = {
  async getAccount(sql: Sql, { organizationId }: { readonly organizationId: string }): Promise<CreditAccount | null> {
    const row = (await first(sql, SELECT_ACCOUNT, [encodeText(organizationId)])) as AccountRow | undefined;
    return row === undefined ? null : toAccount(row);
  },

  async setLimit(sql: Sql, { organizationId, monthlyLimit, month }: SetLimitParams): Promise<void> {
    try {
      await sql.run(SET_LIMIT, [encodeText(organizationId), monthlyLimit, month]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw missingOrganization(organizationId, error);
    }
  },

  /** Newest first. */
  async listMovements(sql: Sql, params: ListMovementsParams): Promise<CreditMovement[]> {
    const { organizationId, beforeId = NEWEST, limit, offset } = params;
    const values = [encodeText(organizationId), encodeText(beforeId), limit, offset];
    return ((await sql.all(LIST_MOVEMENTS, values)) as MovementRow[]).map(toMovement);
  },

  /** The accounts of these organizations, which nobody else changes until the transaction ends. */
  async lockAccounts(sql: Sql, organizationIds: readonly string[]): Promise<CreditAccount[]> {
    return ((await sql.all(LOCK_ACCOUNTS, [organizationIds.map(encodeText)])) as AccountRow[]).map(toAccount);
  },

  async updateAccounts(sql: Sql, accounts: readonly CreditAccount[]): Promise<void> {
    await sql.run(UPDATE_ACCOUNTS, [
      accounts.map(({ organizationId }) => encodeText(organizationId)),
      accounts.map(({ reserved }) => reserved),
      accounts.map(({ used }) => used),
      accounts.map(({ month }) => month),
    ]);
  },

  /** Throws `conflict` when one of them has been made before. */
  async insertMovements(sql: Sql, movements: readonly CreditMovement[]): Promise<void> {
    try {
      await sql.run(INSERT_MOVEMENTS, [
        movements.map(({ organizationId }) => encodeText(organizationId)),
        movements.map(({ id }) => encodeText(id)),
        movements.map(({ runId }) => encodeText(runId)),
        movements.map(({ kind }) => kind),
        movements.map(({ reservedDelta }) => reservedDelta),
        movements.map(({ usedDelta }) => usedDelta),
        movements.map(({ month }) => month),
        movements.map(({ at }) => at),
      ]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw new ErrandError('conflict', `The credit movement ${movements[0]?.id ?? ''} has been made already.`, {
        details: { reason: 'id' },
        cause: error,
      });
    }
  },
};

function toAccount(row: AccountRow): CreditAccount {
  return {
    organizationId: decodeText(row.organization_id),
    monthlyLimit: row.monthly_limit,
    reserved: row.reserved,
    used: row.used,
    month: row.month,
  };
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
