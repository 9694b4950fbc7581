import { join } from 'node:path';
import { BackendSqlite } from 'openworkflow/sqlite';
import { startOn } from './openworkflow.mjs';

export async function start({ folder, atOnce }) {
  const backend = BackendSqlite.connect(join(folder, 'openworkflow.db'));
  backend.db.exec('PRAGMA synchronous = FULL');
  return startOn(backend, { atOnce });
}
