import { ErrandError } from '../../../core/errors.js';
import type { IdempotentCall } from '../../../core/ports/store/idempotency-store.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { first, type Sql } from '../connection/sql.js';

interface CallRow {
  readonly organization_id: string;
  readonly key: string;
  readonly call_hash: string;
  readonly made_id: string;
  readonly at: number;
}

const INSERT =
  'INSERT INTO idempotent_calls (organization_id, key, call_hash, made_id, at) VALUES ($1, $2, $3, $4, $5)';
const FIND = 'SELECT * FROM idempotent_calls WHERE organization_id = $1 AND key = $2';

export const idempotentCallsTable = {
  async insert(sql: Sql, { organizationId, key, callHash, madeId, at }: IdempotentCall): Promise<void> {
    try {
      await sql.run(INSERT, [...[organizationId, key, callHash, madeId].map(encodeText), at]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw new ErrandError('conflict', `The idempotency key "${key}" was used before.`, { cause: error });
    }
  },

  async find(
    sql: Sql,
    { organizationId, key }: Pick<IdempotentCall, 'organizationId' | 'key'>,
  ): Promise<IdempotentCall | null> {
    const row = (await first(sql, FIND, [encodeText(organizationId), encodeText(key)])) as CallRow | undefined;
    if (row === undefined) return null;
    return {
      organizationId: decodeText(row.organization_id),
      key: decodeText(row.key),
      callHash: decodeText(row.call_hash),
      madeId: decodeText(row.made_id),
      at: row.at,
    };
  },
};
