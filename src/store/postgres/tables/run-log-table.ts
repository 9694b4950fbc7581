import type { Json } from '../../../core/json.js';
import type { ListEventsParams } from '../../../core/ports/store/run-log-store.js';
import type { RunEvent } from '../../../core/run/events.js';
import { encodeInTurns } from '../../../core/large-json/encode-in-turns.js';
import { writeInTurns } from '../../../core/large-json/write-in-turns.js';
import { inputOf, MAX_PAGE_LENGTH, readEvents, splitRows } from '../../rows/log-rows.js';
import { encodeText } from '../../rows/text.js';
import { packTexts, textAt } from '../connection/packed-texts.js';
import { plannedOnce } from '../connection/prepared.js';
import { first, type Sql, type SqlValue } from '../connection/sql.js';

/** The events of one commit. */
export interface Appended {
  readonly organizationId: string;
  readonly runId: string;
  readonly events: readonly RunEvent[];
}

interface LogRow {
  readonly last_seq: number;
  readonly events: string;
}

const INSERT = plannedOnce(`
  INSERT INTO run_log (organization_id, run_id, last_seq, events)
  SELECT organization_id, run_id, last_seq, ${textAt('$4', 'place', 'length')}
  FROM unnest($1::text[], $2::text[], $3::bigint[], $5::int[], $6::int[])
    AS row (organization_id, run_id, last_seq, place, length)`);
/** Of each log up to the row that brings the page to so many bytes; no more rows than there may be events. */
const SELECT_PAGES = `
  SELECT wanted.place, page.last_seq, page.events
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS wanted (run_id, after_seq, most, place)
  CROSS JOIN LATERAL (
    SELECT last_seq, events, sum(octet_length(events)) OVER (ORDER BY last_seq) - octet_length(events) AS preceding FROM (
      SELECT last_seq, events FROM run_log
      WHERE run_log.run_id = wanted.run_id AND last_seq > wanted.after_seq ORDER BY last_seq LIMIT wanted.most
    ) AS found
  ) AS page WHERE page.preceding < $4 ORDER BY wanted.place, page.last_seq`;
const SELECT_WITH = `
  SELECT last_seq, events FROM run_log WHERE run_id = $1 AND last_seq >= $2 ORDER BY last_seq LIMIT 1 FOR UPDATE`;
const UPDATE = "UPDATE run_log SET events = convert_from($1::bytea, 'UTF8') WHERE run_id = $2 AND last_seq = $3";
const SELECT_FIRST = 'SELECT events FROM run_log WHERE run_id = $1 ORDER BY last_seq LIMIT 1';

export const runLogTable = {
  /** What `append` is given, made over several turns of the event loop where there is much of it. */
  async prepare(commits: readonly Appended[]): Promise<readonly SqlValue[]> {
    const rows = commits.flatMap(({ organizationId, runId, events }) =>
      splitRows(events).map((row) => ({
        ...row,
        organizationId: encodeText(organizationId),
        runId: encodeText(runId),
      })),
    );
    const { bytes, places, lengths } = await packTexts(rows.map(({ text }) => text));
    return [
      rows.map(({ organizationId }) => organizationId),
      rows.map(({ runId }) => runId),
      rows.map(({ lastSeq }) => lastSeq),
      bytes,
      places,
      lengths,
    ];
  },

  async append(sql: Sql, prepared: readonly SqlValue[]): Promise<void> {
    await sql.run(INSERT, prepared);
  },

  async list(sql: Sql, params: ListEventsParams): Promise<RunEvent[]> {
    return (await runLogTable.listEach(sql, [params]))[0] ?? [];
  },

  /** A page of each log, in their order; together no longer than one page may be, but that each has one row. */
  async listEach(sql: Sql, all: readonly ListEventsParams[]): Promise<RunEvent[][]> {
    const values = [
      all.map(({ runId }) => encodeText(runId)),
      all.map(({ afterSeq }) => afterSeq),
      all.map(({ limit }) => limit),
      Math.ceil(MAX_PAGE_LENGTH / all.length),
    ];
    const pages = all.map((): RunEvent[] => []);
    const rows = (await sql.all(SELECT_PAGES, values)) as (LogRow & { readonly place: number })[];
    for (const row of rows) pages[row.place - 1]?.push(...(await readEvents(row)));
    return all.map(({ afterSeq, limit }, index) =>
      (pages[index] ?? []).filter(({ seq }) => seq > afterSeq).slice(0, limit),
    );
  },

  /** Puts these events in the places of those with the same numbers. In order; in a transaction. */
  async rewrite(sql: Sql, runId: string, events: readonly RunEvent[]): Promise<void> {
    const id = encodeText(runId);
    for (let index = 0; index < events.length;) {
      const row = (await first(sql, SELECT_WITH, [id, events[index]?.seq ?? 0])) as LogRow | undefined;
      if (row === undefined) return;
      const end = events.findIndex(({ seq }, at) => at > index && seq > row.last_seq);
      const changed = new Map(events.slice(index, end === -1 ? events.length : end).map((event) => [event.seq, event]));
      const after = (await readEvents(row)).map((event) => changed.get(event.seq) ?? event);
      const text = await encodeInTurns(await writeInTurns(after as unknown as Json));
      await sql.run(UPDATE, [Buffer.from(text), id, row.last_seq]);
      index += changed.size;
    }
  },

  async getInput(
    sql: Sql,
    { runId }: { readonly runId: string },
  ): Promise<{ input: Json; instruction: string | null } | null> {
    const row = (await first(sql, SELECT_FIRST, [encodeText(runId)])) as LogRow | undefined;
    return row === undefined ? null : inputOf(await readEvents(row));
  },
};
