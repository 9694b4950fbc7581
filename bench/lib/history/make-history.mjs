import { randomBytes } from 'node:crypto';
import { RUNS_A_SECOND } from './history-measures.mjs';
import { loadBinding } from '../../../dist/store/sqlite/connection/binding.js';

const PER_TRANSACTION = 20_000;
const DAY_MS = 86_400_000;

/**
 * Fills a data file that holds one finished run with copies of it until it has so many: a row in every table that a run
 * has rows in, each copy with an id and times of its own (but for the times within its events), the counts and the
 * account added up. The last is a minute older than the first was.
 */
export async function makeHistory({ path, runs }) {
  const { DatabaseSync } = await loadBinding();
  const db = new DatabaseSync(path);
  for (const pragma of ['synchronous = OFF', 'cache_size = -524288', 'wal_autocheckpoint = 20000']) {
    db.exec(`PRAGMA ${pragma}`);
  }
  const template = db.prepare('SELECT * FROM runs').all();
  if (template.length !== 1) throw new Error(`The file must hold one run, not ${template.length}`);
  const [run] = template;
  const log = db.prepare('SELECT * FROM run_log ORDER BY last_seq').all();
  const terms = db.prepare('SELECT * FROM run_terms').all();
  const movements = db.prepare('SELECT * FROM credit_movements ORDER BY id').all();
  const insert = {
    run: inserter(db, 'runs', run),
    log: inserter(db, 'run_log', log[0]),
    movement: inserter(db, 'credit_movements', movements[0]),
    ...(terms.length === 0 ? {} : { term: inserter(db, 'run_terms', terms[0]) }),
  };
  const days = db.prepare('SELECT * FROM run_days').all();
  /** By the day, how many copies ended on it. */
  const ended = new Map();
  const first = run.created_at - 60_000 - (runs / RUNS_A_SECOND) * 1000;
  for (let done = 1; done < runs;) {
    db.exec('BEGIN');
    for (const end = Math.min(runs, done + PER_TRANSACTION); done < end; done += 1) {
      const at = Math.floor(first + (done / RUNS_A_SECOND) * 1000);
      const by = at - run.created_at;
      const id = uuidv7(at);
      insert.run({ ...run, id, ...moved(run, by) });
      const day = Math.floor((run.completed_at + by) / DAY_MS);
      ended.set(day, (ended.get(day) ?? 0) + 1);
      for (const row of log) insert.log({ ...row, run_id: id });
      for (const row of terms) insert.term({ ...row, run_id: id, term: termOf(row.term, done) });
      for (const row of movements) {
        insert.movement({ ...row, id: uuidv7(row.at + by), run_id: id, at: row.at + by });
      }
    }
    db.exec('COMMIT');
  }
  const addDay = db.prepare(
    'INSERT INTO run_days (organization_id, workflow_id, day, measure, amount) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT DO UPDATE SET amount = amount + excluded.amount',
  );
  for (const [day, count] of ended) {
    for (const { organization_id, workflow_id, measure, amount } of days) {
      addDay.run(organization_id, workflow_id, day, measure, amount * count);
    }
  }
  const copies = runs - 1;
  db.prepare('UPDATE run_counts SET count = count + ? WHERE status = ?').run(copies, run.status);
  db.prepare('UPDATE credit_accounts SET used = used + ?').run(copies * run.credits_consumed);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Every run has the template's tags, but for `rare`, which one in 100,000 has; each has an input of its own. */
function termOf(term, n) {
  if (term === 'tag=rare') return n % 100_000 === 0 ? term : 'tag=common';
  return term.startsWith('input.') ? term.replace(/=.*/, `=${n}`) : term;
}

function moved({ created_at, started_at, completed_at }, by) {
  return { created_at: created_at + by, started_at: started_at + by, completed_at: completed_at + by };
}

function inserter(db, table, row) {
  const columns = Object.keys(row);
  const marks = columns.map(() => '?').join(', ');
  const statement = db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`);
  return (values) => statement.run(...columns.map((column) => values[column]));
}

let last = 0;
let chance = randomBytes(8192);
let used = 0;

/** Sorts by its moment, and within one by the order of making. */
function uuidv7(at) {
  if (used + 8 > chance.length) [chance, used] = [randomBytes(8192), 0];
  const tail = chance.toString('hex', used, used + 6);
  used += 8;
  last += 1;
  const time = Math.floor(at).toString(16).padStart(12, '0');
  const count = (last % 0x4000000).toString(2).padStart(26, '0');
  const high = Number.parseInt(count.slice(0, 12), 2).toString(16).padStart(3, '0');
  const low = (0x8000 | Number.parseInt(count.slice(12), 2)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low}-${tail}`;
}
