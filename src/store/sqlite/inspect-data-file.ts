import { applyEvent } from '../../core/run/apply-event.js';
import { fileBundlesOf, type HandlerRef } from '../../core/workflow/definition.js';
import type { RunEvent } from '../../core/run/events.js';
import { pendingNode } from '../../core/run/node-execution.js';
import { creditsHeld, type Run } from '../../core/run/run.js';
import type { SqliteDatabase } from './connection/binding.js';
import { findDamage, openForReading } from './file/data-file.js';
import { UNFINISHED } from './tables/search/list-runs-sql.js';
import { parseEvents } from '../rows/log-rows.js';
import { type RunRow, toRun } from '../rows/run-row.js';
import { ELSEWHERE, joinPieces, OUTPUT_PLACE, SELECT_PIECES } from './tables/long-texts/run-pieces-table.js';
import { SELECT_OUTPUT } from './tables/runs-table.js';

/** One thing that was looked at, and what is wrong with it. */
export interface Inspection {
  readonly name: string;
  /** What was looked at: `1,204 runs`. */
  readonly looked: string;
  /** Empty: all is well. */
  readonly faults: readonly string[];
}

/** The bundles that versions of workflows name, by their SHA-256. */
export interface NamedHandlers {
  readonly bundles: ReadonlySet<string>;
}

const MAX_FAULTS = 20;

/**
 * Looks a data file over, beside whoever has it open, as it stands at one moment. `sample`: at most so many runs are
 * held against their logs, spread over all; null: all of them.
 */
export async function inspectDataFile(params: {
  readonly path: string;
  readonly sample: number | null;
}): Promise<{ readonly inspections: readonly Inspection[]; readonly handlers: NamedHandlers }> {
  const db = await openForReading(params.path);
  try {
    const damage: Inspection = { name: 'file', looked: 'every page', faults: findDamage(db) };
    // What is read of a damaged file says nothing.
    if (damage.faults.length > 0) return { inspections: [damage], handlers: { bundles: new Set() } };
    db.exec('BEGIN');
    const inspections = [
      damage,
      inspectLedger(db),
      inspectReserved(db),
      inspectCounts(db),
      inspectRuns(db, params.sample),
    ];
    const bundles = namedBundles(db);
    db.exec('ROLLBACK');
    return { inspections, handlers: { bundles } };
  } finally {
    db.close();
  }
}

interface AccountRow {
  readonly id: string;
  readonly reserved: number;
  readonly used: number;
  readonly topped_up: number;
  readonly sum_reserved: number;
  readonly sum_used: number;
  readonly sum_topped_up: number;
}

function inspectLedger(db: SqliteDatabase): Inspection {
  const rows = db
    .prepare(
      `SELECT a.organization_id AS id, a.reserved, a.used, a.topped_up,
         (SELECT coalesce(sum(reserved_delta), 0) FROM credit_movements m WHERE m.organization_id = a.organization_id) AS sum_reserved,
         (SELECT coalesce(sum(used_delta), 0) FROM credit_movements m
          WHERE m.organization_id = a.organization_id AND m.month = a.month) AS sum_used,
         (SELECT coalesce(sum(topped_up_delta), 0) FROM credit_movements m WHERE m.organization_id = a.organization_id) AS sum_topped_up
       FROM credit_accounts a`,
    )
    .all() as AccountRow[];
  const faults = rows
    .filter(
      (row) => row.reserved !== row.sum_reserved || row.used !== row.sum_used || row.topped_up !== row.sum_topped_up,
    )
    .map(
      (row) =>
        `organization ${row.id}: the account says ${row.reserved} reserved, ${row.used} used and ${row.topped_up} of top-ups, ` +
        `the ledger adds up to ${row.sum_reserved}, ${row.sum_used} and ${row.sum_topped_up}`,
    );
  return { name: 'ledger', looked: count(rows.length, 'account'), faults: faults.slice(0, MAX_FAULTS) };
}

/** What is reserved is what the runs hold that go on. */
function inspectReserved(db: SqliteDatabase): Inspection {
  const held = new Map<string, number>();
  let runs = 0;
  for (const row of db.prepare(`SELECT * FROM runs WHERE ${UNFINISHED}`).iterate()) {
    const run = toRun(row as RunRow);
    held.set(run.organizationId, (held.get(run.organizationId) ?? 0) + creditsHeld(run));
    runs += 1;
  }
  const accounts = db.prepare('SELECT organization_id AS id, reserved FROM credit_accounts').all() as {
    id: string;
    reserved: number;
  }[];
  const faults = accounts
    .filter(({ id, reserved }) => reserved !== (held.get(id) ?? 0))
    .map(({ id, reserved }) => `organization ${id}: ${reserved} are reserved, its runs hold ${held.get(id) ?? 0}`);
  return { name: 'reservations', looked: count(runs, 'unfinished run'), faults: faults.slice(0, MAX_FAULTS) };
}

function inspectCounts(db: SqliteDatabase): Inspection {
  const wrong = db
    .prepare(
      `SELECT organization_id, workflow_id, status, sum(kept) AS kept, sum(found) AS found FROM (
         SELECT organization_id, workflow_id, status, count AS kept, 0 AS found FROM run_counts
         UNION ALL SELECT organization_id, workflow_id, status, 0, count(*) FROM runs GROUP BY 1, 2, 3
       ) GROUP BY 1, 2, 3 HAVING sum(kept) <> sum(found) LIMIT ${MAX_FAULTS}`,
    )
    .all() as { organization_id: string; workflow_id: string; status: string; kept: number; found: number }[];
  const faults = wrong.map(
    (row) =>
      `organization ${row.organization_id}, workflow ${row.workflow_id}, ${row.status}: ${row.kept} are counted, there are ${row.found}`,
  );
  const { counts } = db.prepare('SELECT count(*) AS counts FROM run_counts').get() as { counts: number };
  return { name: 'counts', looked: count(counts, 'count'), faults };
}

/** A run's record is what its log comes to. */
function inspectRuns(db: SqliteDatabase, sample: number | null): Inspection {
  const { total } = db.prepare('SELECT count(*) AS total FROM runs').get() as { total: number };
  const step = sample === null || total <= sample ? 1 : Math.ceil(total / sample);
  const select = db.prepare('SELECT * FROM runs WHERE id = ?');
  const log = db.prepare('SELECT last_seq, events FROM run_log WHERE run_id = ? AND last_seq <= ? ORDER BY last_seq');
  const outputs = db.prepare(SELECT_OUTPUT);
  const pieces = db.prepare(SELECT_PIECES);
  const outputOf = (id: string) =>
    (outputs.get(id) as { output: string } | undefined) ?? { output: joinPieces(pieces.all(id, OUTPUT_PLACE)) };
  const faults: string[] = [];
  let looked = 0;
  let place = 0;
  for (const { id } of db.prepare('SELECT id FROM runs ORDER BY id').iterate() as Iterable<{ id: string }>) {
    if (place++ % step !== 0) continue;
    looked += 1;
    const row = select.get(id) as RunRow;
    const commits = log.all(id, row.version) as { last_seq: number; events: string }[];
    const fault = compareToLog(
      toRun(row.output === ELSEWHERE ? { ...row, ...outputOf(id) } : row),
      commits.flatMap(({ last_seq: lastSeq, events }) =>
        parseEvents({ events: events === ELSEWHERE ? joinPieces(pieces.all(id, lastSeq)) : events }),
      ),
    );
    if (fault !== null && faults.length < MAX_FAULTS) faults.push(`run ${id}: ${fault}`);
  }
  return { name: 'runs', looked: `${looked} of ${count(total, 'run')}`, faults };
}

export function compareToLog(run: Run, events: readonly RunEvent[]): string | null {
  for (const [index, { seq }] of events.entries()) {
    if (seq !== index + 1) return `its log has event ${seq} in the place of ${index + 1}`;
  }
  if (events.length !== run.version) return `its record is at version ${run.version}, its log at ${events.length}`;
  const folded = events.reduce(applyEvent, initialRun(run));
  return sameJson(folded, run) ? null : 'its record is not what its log comes to';
}

function initialRun(run: Run): Run {
  const { output: _, retries: __, ...rest } = run;
  return {
    ...rest,
    status: 'pending',
    version: 0,
    creditsConsumed: 0,
    summary: null,
    error: null,
    outputError: null,
    startedAt: null,
    completedAt: null,
    nodes: run.nodes.map(({ id, kind, role, label }) => pendingNode({ id, kind, role, label })),
  };
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/**
 * The bundles that are needed, but for those that the store has: those of each workflow's newest version, and of versions
 * that unfinished runs are on. The code of organizations' own workflows is all in the store.
 */
function namedBundles(db: SqliteDatabase): ReadonlySet<string> {
  const rows = db
    .prepare(
      `SELECT handlers FROM workflow_versions v
       WHERE version = (SELECT max(version) FROM workflow_versions n WHERE n.workflow_id = v.workflow_id)
         OR EXISTS (
           SELECT 1 FROM runs WHERE ${UNFINISHED} AND workflow_id = v.workflow_id AND workflow_version = v.version
             AND json_extract(origin, '$.ownWorkflow') IS NULL
         )`,
    )
    .all() as { handlers: string }[];
  const refs = rows.flatMap(({ handlers }) => Object.values(JSON.parse(handlers) as { [path: string]: HandlerRef }));
  return fileBundlesOf(refs);
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
