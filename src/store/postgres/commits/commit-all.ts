import { isErrandError } from '../../../core/errors.js';
import type { CommitRunParams, CommitVerdict } from '../../../core/ports/store/run-store.js';
import type { Sql } from '../connection/sql.js';
import { writeCommits } from './write-commits.js';

/** So many commits share their statements at most. */
const MAX_TOGETHER = 500;

/** See `RunStore.commitAll`; in a transaction. Where one of them cannot be written, they are written in halves. */
export async function commitAll(
  sql: Sql,
  all: readonly CommitRunParams[],
  shard: number,
): Promise<readonly CommitVerdict[]> {
  if (all.length === 0) return [];
  if (all.length <= MAX_TOGETHER) {
    await sql.run('SAVEPOINT together');
    try {
      const verdicts = await writeCommits(sql, all, shard);
      await sql.run('RELEASE SAVEPOINT together');
      return verdicts;
    } catch (error) {
      if (!isErrandError(error) || error.code !== 'conflict') throw error;
      await sql.run('ROLLBACK TO SAVEPOINT together');
      if (all.length === 1) return [{ ok: false, error }];
    }
  }
  const half = Math.ceil(all.length / 2);
  const first = await commitAll(sql, all.slice(0, half), shard);
  return [...first, ...(await commitAll(sql, all.slice(half), shard))];
}
