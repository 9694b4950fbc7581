import { Client } from 'pg';
import { RUNS_A_SECOND } from '../lib/history/history-measures.mjs';

const DAY_MS = 86_400_000;
const PER_STATEMENT = 50_000;

/** A UUIDv7 of a moment; `n` keeps those of one moment apart. */
const UUID = (at, n) => `(
  lpad(to_hex((${at})::bigint >> 16), 8, '0') || '-' || lpad(to_hex((${at})::bigint & 65535), 4, '0') || '-7' ||
  lpad(to_hex(((${n})::bigint >> 14) & 4095), 3, '0') || '-' || to_hex(32768 | ((${n})::bigint & 16383)) || '-' ||
  left(md5((${n})::text), 12))`;

/** Rows of `table` that are the template's but for `changed`, for each of the runs of `made`. */
const COPY = (table, changed) => `
  INSERT INTO ${table} SELECT copy.* FROM made, template_${table} AS kept,
    LATERAL jsonb_populate_record(kept, jsonb_build_object(${changed})) AS copy`;
/** Every run has the template's tags, but for `rare`, which one in 100,000 has; each has an input of its own. */
const TERM = `CASE WHEN kept.term = 'tag=rare' AND made.n % 100000 <> 0 THEN 'tag=common'
  WHEN kept.term LIKE 'input.%' THEN regexp_replace(kept.term, '=.*', '=' || made.n) ELSE kept.term END`;
const COPIES = {
  runs: COPY(
    'runs',
    `'id', made.id, 'created_at', kept.created_at + made.by, 'started_at', kept.started_at + made.by,
     'completed_at', kept.completed_at + made.by`,
  ),
  run_log: COPY('run_log', `'run_id', made.id`),
  run_terms: COPY('run_terms', `'run_id', made.id, 'term', ${TERM}`),
  credit_movements: COPY(
    'credit_movements',
    `'id', ${UUID('kept.at + made.by', 'made.n')}, 'run_id', made.id, 'at', kept.at + made.by`,
  ),
};

/**
 * Fills a database that holds one finished run with copies of it until it has so many, as `make-history.mjs` fills a
 * file. Gives the size of the database in bytes.
 */
export async function makePostgresHistory({ url, runs }) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET synchronous_commit = off; SET work_mem = '64MB'`);
    for (const table of Object.keys(COPIES)) {
      await client.query(`CREATE TEMP TABLE template_${table} AS SELECT * FROM ${table}`);
    }
    const { rows: templates } = await client.query('SELECT created_at, completed_at FROM template_runs');
    if (templates.length !== 1) throw new Error(`The database must hold one run, not ${templates.length}`);
    const [createdAt, completedAt] = [Number(templates[0].created_at), Number(templates[0].completed_at)];
    const first = createdAt - 60_000 - Math.ceil((runs / RUNS_A_SECOND) * 1000);
    for (let done = 1; done < runs; done += PER_STATEMENT) {
      await client.query('BEGIN; DROP TABLE IF EXISTS made');
      await client.query(
        `CREATE TEMP TABLE made AS SELECT n, ${UUID('$1 + n * $3', 'n')} AS id, $1 + n * $3 - $2 AS by
         FROM generate_series($4::bigint, $5::bigint) AS n`.replaceAll(/\$([123])/g, '$$$1::bigint'),
        [first, createdAt, 1000 / RUNS_A_SECOND, done, Math.min(runs, done + PER_STATEMENT) - 1],
      );
      for (const copy of Object.values(COPIES)) await client.query(copy);
      await client.query('COMMIT');
    }
    await addUp(client, { copies: runs - 1, completedAt });
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
    const { rows } = await client.query('SELECT pg_database_size(current_database()) AS bytes');
    return Number(rows[0].bytes);
  } finally {
    await client.end();
  }
}

/** What the copies come to where runs are counted. */
async function addUp(client, { copies, completedAt }) {
  await client.query(`UPDATE run_counts SET count = count + $1 WHERE count > 0`, [copies]);
  await client.query(
    `INSERT INTO run_days AS kept
     SELECT days.organization_id, days.workflow_id, ended.day, days.measure, days.shard, days.amount * ended.count
     FROM run_days AS days, (
       SELECT completed_at / ${DAY_MS} AS day, count(*) AS count FROM runs WHERE completed_at <> $1 GROUP BY 1
     ) AS ended
     ON CONFLICT (organization_id, workflow_id, day, measure, shard) DO UPDATE
       SET amount = kept.amount + excluded.amount`,
    [completedAt],
  );
  await client.query(`UPDATE credit_accounts SET used = used + $1 * (SELECT max(credits_consumed) FROM runs LIMIT 1)`, [
    copies,
  ]);
}
