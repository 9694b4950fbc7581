import type { EventChanges, EventMatch, KeptEvent, ListedEvent } from '../../../../core/events/kept-event.js';
import type { EventStore } from '../../../../core/ports/store/events/event-store.js';
import type { RunKey } from '../../../../core/ports/store/run-store.js';
import {
  type EventRow,
  fromEventRow,
  fromListedEventRow,
  type ListedEventRow,
  toEventRow,
} from '../../../rows/events/event-rows.js';
import { decodeText, encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

const FIND_SAME = 'SELECT * FROM events WHERE organization_id = $1 AND dedupe_key = $2';
/** Nothing is inserted where there is the same already, or as many as may be. */
const INSERT = `
  INSERT INTO events (id, organization_id, name, match_key, data, at, expires_at, dedupe_key)
  SELECT $1, $2, $3, $4, $5, $6::bigint, $7::bigint, $8
  WHERE NOT EXISTS (SELECT 1 FROM events WHERE organization_id = $2 AND expires_at > $6::bigint LIMIT 1 OFFSET $9)
  ON CONFLICT DO NOTHING`;
const HEAD = `id, organization_id, name, match_key, at, expires_at,
  (SELECT count(*)::int FROM event_takings t WHERE t.event_id = events.id) AS taken`;
const LIST = `
  SELECT ${HEAD} FROM events
  WHERE organization_id = $1 AND ($2::text IS NULL OR name = $2) AND ($3::text IS NULL OR id < $3)
  ORDER BY id DESC LIMIT $4`;
const GET = `SELECT ${HEAD}, data FROM events WHERE id = $1 AND organization_id = $2`;
const FIND_FOR = `
  SELECT * FROM events WHERE organization_id = $1 AND name = $2 AND match_key = $3 AND at >= $4 AND expires_at > $5
    AND NOT EXISTS (SELECT 1 FROM event_takings t WHERE t.event_id = events.id AND t.run_id = $6)
  ORDER BY id LIMIT 1`;
const LIST_WAITING = `
  SELECT DISTINCT run_id FROM event_waits
  WHERE organization_id = $1 AND name = $2 AND match_key = $3 AND since <= $4 AND run_id > $5
  ORDER BY run_id LIMIT $6`;
const LIST_UNTOLD = `
  SELECT DISTINCT w.run_id, w.organization_id FROM event_waits w
  JOIN events e ON e.organization_id = w.organization_id AND e.name = w.name AND e.match_key = w.match_key
  WHERE e.at >= w.since AND e.expires_at > $1
    AND NOT EXISTS (SELECT 1 FROM event_takings t WHERE t.event_id = e.id AND t.run_id = w.run_id)
  LIMIT $2`;
const PURGE = `
  WITH expired AS (
    DELETE FROM events WHERE id IN (SELECT id FROM events WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
    RETURNING id
  ), takings AS (DELETE FROM event_takings WHERE event_id IN (SELECT id FROM expired))
  SELECT count(*)::int AS count FROM expired`;
const ADD_WAIT = `
  INSERT INTO event_waits (organization_id, name, match_key, run_id, node_id, since) VALUES ($1, $2, $3, $4, $5, $6)`;
const TAKE = 'INSERT INTO event_takings (event_id, run_id) VALUES ($1, $2) ON CONFLICT DO NOTHING';

type Given<Name extends keyof EventStore> = Parameters<EventStore[Name]>[0];

export const eventsTable = {
  async insert(
    sql: Sql,
    { event, dedupeKey, limit }: Given<'insert'>,
  ): Promise<{ event: KeptEvent; created: boolean } | null> {
    const { id, organization_id, name, match_key, data, at, expires_at } = toEventRow(event);
    const key = dedupeKey === null ? null : encodeText(dedupeKey);
    const values = [id, organization_id, name, match_key, data, at, expires_at, key, limit - 1];
    if ((await sql.run(INSERT, values)) > 0) return { event, created: true };
    const same = key === null ? undefined : await first(sql, FIND_SAME, [organization_id, key]);
    return same === undefined ? null : { event: fromEventRow(same as EventRow), created: false };
  },

  async list(sql: Sql, { organizationId, name, beforeId, limit }: Given<'list'>): Promise<ListedEvent[]> {
    const named = name === null ? null : encodeText(name);
    const rows = await sql.all(LIST, [encodeText(organizationId), named, beforeId, limit]);
    return (rows as ListedEventRow[]).map(fromListedEventRow);
  },

  async get(sql: Sql, { organizationId, id }: Given<'get'>): Promise<(ListedEvent & KeptEvent) | null> {
    const row = (await first(sql, GET, [id, encodeText(organizationId)])) as (EventRow & ListedEventRow) | undefined;
    return row === undefined ? null : { ...fromEventRow(row), taken: row.taken };
  },

  async findFor(
    sql: Sql,
    { organizationId, runId, since, now, ...match }: Given<'findFor'>,
  ): Promise<KeptEvent | null> {
    const row = await first(sql, FIND_FOR, [...matchOf(organizationId, match), since, now, encodeText(runId)]);
    return row === undefined ? null : fromEventRow(row as EventRow);
  },

  async listWaiting(
    sql: Sql,
    { organizationId, at, afterId, limit, ...match }: Given<'listWaiting'>,
  ): Promise<string[]> {
    const after = encodeText(afterId ?? '');
    const rows = await sql.all(LIST_WAITING, [...matchOf(organizationId, match), at, after, limit]);
    return (rows as { readonly run_id: string }[]).map(({ run_id }) => decodeText(run_id));
  },

  async listUntold(sql: Sql, { now, limit }: Given<'listUntold'>): Promise<RunKey[]> {
    const rows = await sql.all(LIST_UNTOLD, [now, limit]);
    return (rows as { readonly run_id: string; readonly organization_id: string }[]).map((row) => ({
      runId: decodeText(row.run_id),
      organizationId: decodeText(row.organization_id),
    }));
  },

  async purge(sql: Sql, { now, limit }: Given<'purge'>): Promise<boolean> {
    const found = (await first(sql, PURGE, [now, limit])) as { readonly count: number } | undefined;
    return found?.count === limit;
  },

  /** Within the commit of the run. */
  async change(sql: Sql, { organizationId, runId }: RunKey, { waits, taken }: EventChanges): Promise<void> {
    const id = encodeText(runId);
    await sql.run('DELETE FROM event_waits WHERE run_id = $1', [id]);
    for (const { nodeId, since, ...match } of waits)
      await sql.run(ADD_WAIT, [...matchOf(organizationId, match), id, encodeText(nodeId), since]);
    for (const eventId of taken) await sql.run(TAKE, [eventId, id]);
  },
};

function matchOf(organizationId: string, { name, key }: EventMatch): readonly [string, string, string] {
  return [encodeText(organizationId), encodeText(name), encodeText(key)];
}
