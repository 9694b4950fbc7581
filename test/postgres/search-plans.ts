import type { SearchRunsQuery } from '../../src/core/ports/store/run-store.js';
import { POSTGRES } from '../../src/store/postgres/tables/search/search-runs.js';
import { listWays } from '../../src/store/rows/search/run-search.js';
import { probeSql, type SearchSql, selectSql } from '../../src/store/rows/search/search-sql.js';

const FILTERS: readonly Partial<SearchRunsQuery>[] = [
  {},
  { statuses: ['failed', 'cancelled', 'running'] },
  { workflowId: 'w', statuses: ['failed', 'completed'] },
  { terms: ['tag=a'], createdFrom: 1_790_000_000_000 },
  { terms: ['tag=a', 'input.id=1'], statuses: ['failed'] },
  { terms: ['tag=a'], workflowId: 'w', statuses: ['pending', 'completed'] },
];

/** Every statement of searches that filter in every way, with its values in it. */
export function* searchPlans(): Generator<readonly [string, string]> {
  for (const filter of FILTERS) {
    const query: SearchRunsQuery = {
      organizationId: 'o',
      statuses: [],
      workflowId: null,
      terms: [],
      createdFrom: null,
      createdBefore: null,
      beforeId: '01990000-0000-7000-8000-000000000000',
      limit: 20,
      looksAt: 5_000,
      ...filter,
    };
    for (const { parts, rest } of listWays(query)) {
      for (const part of parts) {
        const name = JSON.stringify({ filter, part });
        yield [name, spell(probeSql({ query, part, skip: 5_000, dialect: POSTGRES }))];
        yield [name, spell(selectSql({ query, part, rest, floor: '01', dialect: POSTGRES }))];
      }
    }
  }
}

function spell({ text, values }: SearchSql): string {
  return text.replaceAll(/\$(\d+)/g, (_, n: string) => {
    const value = values[Number(n) - 1];
    return typeof value === 'number' ? String(value) : `'${value}'`;
  });
}
