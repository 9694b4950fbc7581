import { join } from 'node:path';
import { loadBinding } from '../../src/store/sqlite/connection/binding.js';

export interface KeyRow {
  readonly id: string;
  readonly key: string;
}

/** No answer has the keys of runs that were not started by a caller. */
export const KEYS = 'SELECT id, idempotency_key AS key FROM runs WHERE idempotency_key IS NOT NULL';

/** The idempotency key of each run, of a data folder that no server has open. */
export async function readKeys(data: string): Promise<ReadonlyMap<string, string>> {
  const { DatabaseSync } = await loadBinding();
  const db = new DatabaseSync(join(data, 'errand.db'));
  const rows = db.prepare(KEYS).all() as KeyRow[];
  db.close();
  return new Map(rows.map(({ id, key }) => [id, key]));
}
