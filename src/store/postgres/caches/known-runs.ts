import type { RunKey } from '../../../core/ports/store/run-store.js';
import type { Run } from '../../../core/run/run.js';
import { Recent } from '../../rows/recent/recent.js';
import type { Sql } from '../connection/sql.js';
import { runsTable, type MarkedRun } from '../tables/runs-table.js';

/** So many runs to twice as many are kept in memory, each of at most so many characters. */
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_TEXT = 16_384;
/** More would hold the event loop for long. */
const READ_AT_ONCE = 25;

/**
 * Runs as they were read lately. Whoever asks for one of them again is given it if its row is still the same, which the
 * database is asked each time: other processes write too.
 */
export class KnownRuns {
  readonly #sql: Sql;
  readonly #losses: () => number;
  #lost = 0;
  readonly #recent = new Recent<MarkedRun>(MAX_REMEMBERED);

  /** `losses`: how many connections to the database have broken. */
  constructor({ sql, losses }: { readonly sql: Sql; readonly losses: () => number }) {
    this.#sql = sql;
    this.#losses = losses;
  }

  /** For each key, in their order. */
  async getEach(keys: readonly RunKey[]): Promise<(Run | null)[]> {
    this.#forgetAfterLoss();
    const asked = new Map(keys.map((key) => [placeOf(key), key]));
    const known = new Map<string, MarkedRun>();
    for (const place of asked.keys()) {
      const recent = this.#recent.get(place);
      if (recent !== undefined) known.set(place, recent);
    }
    const [unchanged, read] = await Promise.all([
      this.#findUnchanged(known),
      this.#read([...asked].flatMap(([place, key]) => (known.has(place) ? [] : [key]))),
    ]);
    const changed = await this.#read(
      [...known.keys()].flatMap((place) => (unchanged.has(place) ? [] : (asked.get(place) ?? []))),
    );
    return keys.map((key) => {
      const place = placeOf(key);
      return unchanged.get(place) ?? read.get(place) ?? changed.get(place) ?? null;
    });
  }

  async #findUnchanged(known: ReadonlyMap<string, MarkedRun>): Promise<ReadonlyMap<string, Run>> {
    if (known.size === 0) return new Map();
    const marks = await runsTable.findMarks(
      this.#sql,
      [...known.values()].map(({ run }) => run.id),
    );
    return new Map([...known].flatMap(([place, { run, mark }]) => (marks.get(run.id) === mark ? [[place, run]] : [])));
  }

  async #read(keys: readonly RunKey[]): Promise<ReadonlyMap<string, Run>> {
    const found = new Map<string, Run>();
    for (let from = 0; from < keys.length; from += READ_AT_ONCE) {
      const some = keys.slice(from, from + READ_AT_ONCE);
      const read = await runsTable.getEach(this.#sql, some);
      some.map(placeOf).forEach((place, index) => {
        const one = read[index] ?? null;
        if (one !== null) found.set(place, one.run);
        this.#remember(place, one);
      });
    }
    return found;
  }

  /** A database that has lost its newest commits, or another that takes its place, gives marks out anew. */
  #forgetAfterLoss(): void {
    const losses = this.#losses();
    if (losses !== this.#lost) this.#recent.clear();
    this.#lost = losses;
  }

  #remember(place: string, read: MarkedRun | null): void {
    if (read !== null && read.length <= MAX_REMEMBERED_TEXT) this.#recent.set(place, read);
    else this.#recent.delete(place);
  }
}

function placeOf({ organizationId, runId }: RunKey): string {
  return `${organizationId}\0${runId}`;
}
