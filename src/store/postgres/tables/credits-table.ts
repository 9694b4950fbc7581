import { ErrandError } from '../../../core/errors.js';
import type { CreditAccount, ListMovementsParams, SetLimitParams } from '../../../core/ports/store/credit-store.js';
import type { CreditMovement } from '../../../core/run/credits.js';
import {
  type AccountRow,
  type MovementRow,
  toAccount,
  toMovement,
  toMovementRow,
} from '../../rows/credits/credit-rows.js';
import { moveCredits, tellMarks } from '../../rows/credits/move-credits.js';
import type { Delivery } from '../../../core/webhooks/delivery.js';
import { encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { plannedOnce } from '../connection/prepared.js';
import { first, type Sql } from '../connection/sql.js';

const SELECT_ACCOUNT = 'SELECT * FROM credit_accounts WHERE organization_id = $1';
/** In one order, so that two transactions never wait for each other. */
const LOCK_ACCOUNTS = plannedOnce(`
  SELECT organization_id, monthly_limit, reserved, used, month, topped_up, drawn, told FROM credit_accounts
  WHERE organization_id = ANY($1::text[]) ORDER BY organization_id FOR NO KEY UPDATE`);
const UPDATE_ACCOUNTS = plannedOnce(`
  UPDATE credit_accounts SET
    reserved = changed.reserved, used = changed.used, month = changed.month, topped_up = changed.topped_up,
    drawn = changed.drawn, told = changed.told
  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS changed (organization_id, reserved, used, month, topped_up, drawn, told)
  WHERE credit_accounts.organization_id = changed.organization_id`);
const INSERT_MOVEMENTS = plannedOnce(`
  INSERT INTO credit_movements
    (organization_id, id, run_id, kind, reserved_delta, used_delta, topped_up_delta, month, at, reason, idempotency_key)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::text[], $9::bigint[], $10::text[], $11::text[])`);
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

  /** Gives what others are to be told of it. */
  async setLimit(
    sql: Sql,
    { organizationId, monthlyLimit, month, tells }: SetLimitParams,
  ): Promise<readonly Delivery[]> {
    try {
      await sql.run(SET_LIMIT, [encodeText(organizationId), monthlyLimit, month]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw missingOrganization(organizationId, error);
    }
    if (tells === undefined) return [];
    const { account, deliveries } = tellMarks(await this.lockAccount(sql, organizationId), tells);
    if (deliveries.length > 0) await this.updateAccounts(sql, [account]);
    return deliveries;
  },

  async topUp(sql: Sql, given: CreditMovement): Promise<void> {
    const { account, movement } = moveCredits(await this.lockAccount(sql, given.organizationId), given, undefined);
    await this.insertMovements(sql, [movement]);
    await this.updateAccounts(sql, [account]);
  },

  /** Throws `not_found` when there is none. */
  async lockAccount(sql: Sql, organizationId: string): Promise<CreditAccount> {
    const [account] = await this.lockAccounts(sql, [organizationId]);
    if (account !== undefined) return account;
    throw new ErrandError('not_found', `Organization ${organizationId} has no credit account.`);
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
      accounts.map(({ toppedUp }) => toppedUp),
      accounts.map(({ drawn }) => drawn),
      accounts.map(({ told }) => told),
    ]);
  },

  /** Throws `conflict` when one of them has been made before. */
  async insertMovements(sql: Sql, movements: readonly CreditMovement[]): Promise<void> {
    const rows = movements.map(toMovementRow);
    try {
      await sql.run(INSERT_MOVEMENTS, [
        rows.map((row) => row.organization_id),
        rows.map((row) => row.id),
        rows.map((row) => row.run_id),
        rows.map((row) => row.kind),
        rows.map((row) => row.reserved_delta),
        rows.map((row) => row.used_delta),
        rows.map((row) => row.topped_up_delta),
        rows.map((row) => row.month),
        rows.map((row) => row.at),
        rows.map((row) => row.reason),
        rows.map((row) => row.idempotency_key),
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
