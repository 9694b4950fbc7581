import type { FoundRuns, SearchRunsQuery } from '../../../../core/ports/store/run-store.js';
import { listItemOf } from '../../../../core/run/output-json.js';
import { decodeText } from '../../connection/text.js';
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
import type { LiveRuns } from '../../caches/live-runs.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { ENDED, UNFINISHED, indexFor, isUnfinished } from './list-runs-sql.js';

export const SQLITE: Dialect = {
  mark: (n) => `?${n}`,
  hint: ({ status, workflowId }) =>
    ` INDEXED BY ${indexFor({ ...(status === null ? {} : { status }), ...(workflowId === null ? {} : { workflowId }) })}`,
  condition: (status) => (isUnfinished(status) ? UNFINISHED : ENDED).replace('status', 'r.status'),
};

/** Finds runs by what they have: see `RunStore.search`. */
export class RunSearchTables {
  readonly #db: SqliteConnection;
  readonly #live: LiveRuns;

  constructor(db: SqliteConnection, live: LiveRuns) {
    this.#db = db;
    this.#live = live;
  }

  /** Rows are found by the status that they hold. */
  search(query: SearchRunsQuery): FoundRuns {
    const ways = listWays(query);
    const [only] = ways;
    const { way, floor } =
      ways.length === 1 && only !== undefined && isExact(only)
        ? { way: only, floor: null }
        : pickWay(ways.map((one): ReachedWay => ({ way: one, floor: this.#findFloor(query, one) })));
    const found = way.parts.map((part) => {
      const { text, values } = selectSql({ query, part, rest: way.rest, floor, dialect: SQLITE });
      return (this.#db.all(text, ...values) as RunListRow[]).map((row) => this.#toItem(row));
    });
    return toPage(found, { limit: query.limit, floor });
  }

  #findFloor(query: SearchRunsQuery, way: SearchWay): string | null {
    return floorOf(
      way.parts.map((part) => {
        const { text, values } = probeSql({ query, part, skip: passedOver(way, query), dialect: SQLITE });
        const row = this.#db.get(text, ...values) as { id: string } | undefined;
        return row === undefined ? null : decodeText(row.id);
      }),
    );
  }

  #toItem(row: RunListRow) {
    const item = toListItem(row);
    const live = this.#live.get(item.id);
    return live === undefined ? item : listItemOf(live.run);
  }
}
