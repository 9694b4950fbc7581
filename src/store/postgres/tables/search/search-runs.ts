import type { FoundRuns, SearchRunsQuery } from '../../../../core/ports/store/run-store.js';
import { toListItem, type RunListRow } from '../../../rows/run-row.js';
import {
  floorOf,
  isExact,
  listWays,
  passedOver,
  pickWay,
  type ReachedWay,
  type SearchWay,
  toPage,
} from '../../../rows/search/run-search.js';
import { type Dialect, probeSql, selectSql } from '../../../rows/search/search-sql.js';
import { decodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

export const POSTGRES: Dialect = { mark: (n) => `$${n}`, hint: () => '', condition: () => null };

/** Finds runs by what they have: see `RunStore.search`. */
export async function searchRuns(sql: Sql, query: SearchRunsQuery): Promise<FoundRuns> {
  const { way, floor } = await chooseWay(sql, query);
  const found = await Promise.all(
    way.parts.map(async (part) => {
      const { text, values } = selectSql({ query, part, rest: way.rest, floor, dialect: POSTGRES });
      return ((await sql.all(text, values)) as RunListRow[]).map(toListItem);
    }),
  );
  return toPage(found, { limit: query.limit, floor });
}

async function chooseWay(sql: Sql, query: SearchRunsQuery): Promise<ReachedWay> {
  const ways = listWays(query);
  const [only] = ways;
  if (ways.length === 1 && only !== undefined && isExact(only)) return { way: only, floor: null };
  const reached = ways.map(async (way) => ({ way, floor: await findFloor(sql, query, way) }));
  return pickWay(await Promise.all(reached));
}

async function findFloor(sql: Sql, query: SearchRunsQuery, way: SearchWay): Promise<string | null> {
  const floors = way.parts.map(async (part) => {
    const { text, values } = probeSql({ query, part, skip: passedOver(way, query), dialect: POSTGRES });
    const row = (await first(sql, text, values)) as { id: string } | undefined;
    return row === undefined ? null : decodeText(row.id);
  });
  return floorOf(await Promise.all(floors));
}
