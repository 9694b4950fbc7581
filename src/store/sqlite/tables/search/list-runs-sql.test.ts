import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../../core/run/run.js';
import { loadBinding } from '../../connection/binding.js';
import { SqliteConnection } from '../../connection/connection.js';
import { listRunsSql } from './list-runs-sql.js';
import { migrate } from '../../schema/migrate.js';

describe('listRunsSql', () => {
  const statuses: (RunStatus | undefined)[] = [undefined, 'pending', 'completed'];
  const queries = statuses.flatMap((status) =>
    [undefined, 'site_checkup'].map((workflowId) => ({ ...(status && { status }), ...(workflowId && { workflowId }) })),
  );

  it.each(queries)('finds a page in an index alone, without sorting or scanning runs, for %o', async (filter) => {
    const db = new SqliteConnection({ binding: await loadBinding(), path: ':memory:', durability: 'full' });
    migrate(db);
    const { sql, values } = listRunsSql({ organizationId: 'o', limit: 20, offset: 0, ...filter });
    const plan = (db.all(`EXPLAIN QUERY PLAN ${sql}`, ...values) as { detail: string }[]).map((row) => row.detail);
    db.close();
    expect(plan).toEqual([
      'SEARCH runs USING PRIMARY KEY (id=?)',
      'LIST SUBQUERY 1',
      expect.stringMatching(
        'status' in filter && filter.status === 'pending'
          ? /^SCAN runs USING COVERING INDEX runs_unfinished$/
          : /^SEARCH runs USING COVERING INDEX /,
      ),
    ]);
  });
});
