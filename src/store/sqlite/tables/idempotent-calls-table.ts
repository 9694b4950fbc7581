import { ErrandError } from '../../../core/errors.js';
import type { IdempotentCall } from '../../../core/ports/store/idempotency-store.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { decodeText, encodeText } from '../connection/text.js';

interface CallRow {
  readonly organization_id: string;
  readonly key: string;
  readonly call_hash: string;
  readonly made_id: string;
  readonly at: number;
}

const INSERT = 'INSERT INTO idempotent_calls (organization_id, key, call_hash, made_id, at) VALUES (?, ?, ?, ?, ?)';
const FIND = 'SELECT * FROM idempotent_calls WHERE organization_id = ? AND key = ?';

export class IdempotentCallsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert({ organizationId, key, callHash, madeId, at }: IdempotentCall): void {
    try {
      const texts = [organizationId, key, callHash, madeId].map((text) => encodeText(text));
      this.#db.run(INSERT, ...texts, at);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw new ErrandError('conflict', `The idempotency key "${key}" was used before.`, { cause: error });
    }
  }

  find({ organizationId, key }: { readonly organizationId: string; readonly key: string }): IdempotentCall | null {
    const row = this.#db.get(FIND, encodeText(organizationId), encodeText(key)) as CallRow | undefined;
    if (row === undefined) return null;
    return {
      organizationId: decodeText(row.organization_id),
      key: decodeText(row.key),
      callHash: decodeText(row.call_hash),
      madeId: decodeText(row.made_id),
      at: row.at,
    };
  }
}
