import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../../core/run/run.js';
import type { SearchRunsQuery } from '../../../../core/ports/store/run-store.js';
import { listWays } from '../../../rows/search/run-search.js';
import { probeSql, type SearchSql, selectSql } from '../../../rows/search/search-sql.js';
import { loadBinding } from '../../connection/binding.js';
import { SqliteConnection } from '../../connection/connection.js';
import { migrate } from '../../schema/migrate.js';
import { SQLITE } from './run-search-tables.js';

const FILTERS: readonly Partial<SearchRunsQuery>[] = [
  {},
  { statuses: ['failed', 'cancelled', 'running'] },
  { workflowId: 'w', statuses: ['failed', 'completed'] },
  { terms: ['tag=a'] },
  { terms: ['tag=a', 'input.id=1'], statuses: ['failed'] },
  { terms: ['tag=a'], workflowId: 'w', statuses: ['pending', 'completed'] },
];

const RANGES: readonly Partial<SearchRunsQuery>[] = [
  {},
  {
    createdFrom: 1_790_000_000_000,
    createdBefore: 1_800_000_000_000,
    beforeId: '01990000-0000-7000-8000-000000000000',
  },
];

describe('searches of runs in SQLite', () => {
  const queries = FILTERS.flatMap((filter) => RANGES.map((range) => ({ ...filter, ...range })));

  it.each(queries)('go along an index, newest first, and sort and scan nothing, for %o', async (filter) => {
    const db = new SqliteConnection({ binding: await loadBinding(), path: ':memory:', durability: 'full' });
    migrate(db);
    const explain = ({ text, values }: SearchSql): readonly string[] =>
      (db.all(`EXPLAIN QUERY PLAN ${text}`, ...values) as { detail: string }[]).map(({ detail }) => detail);
    const query = {
      organizationId: 'o',
      statuses: [] as readonly RunStatus[],
      workflowId: null,
      terms: [],
      createdFrom: null,
      createdBefore: null,
      beforeId: null,
      limit: 20,
      looksAt: 5_000,
      ...filter,
    };
    for (const { parts, rest } of listWays(query)) {
      for (const part of parts) {
        const steps = [
          ...explain(probeSql({ query, part, skip: 5_000, dialect: SQLITE })),
          ...explain(selectSql({ query, part, rest, floor: '01', dialect: SQLITE })),
        ];
        // The index of those that go on is of all organizations: there are few of them.
        const allowed = /^(SEARCH |CORRELATED |SCAN r USING (COVERING )?INDEX runs_unfinished)/;
        expect(steps.filter((step) => !allowed.test(step))).toEqual([]);
        expect(steps.some((step) => /USING (COVERING )?INDEX|USING PRIMARY KEY/.test(step))).toBe(true);
      }
    }
    db.close();
  });
});
