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
import type { SqliteConnection } from '../../connection/connection.js';

const FIND_SAME = 'SELECT * FROM events WHERE organization_id = ? AND dedupe_key = ?';
/** Whether as many are there as may be. */
const IS_FULL = 'SELECT 1 FROM events WHERE organization_id = ? AND expires_at > ? LIMIT 1 OFFSET ?';
const INSERT = `
  INSERT INTO events (id, organization_id, name, match_key, data, at, expires_at, dedupe_key)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const HEAD = `id, organization_id, name, match_key, at, expires_at,
  (SELECT count(*) FROM event_takings t WHERE t.event_id = events.id) AS taken`;
/** With `+`, the events of other organizations are not gone through: one has few. */
const LIST = `
  SELECT ${HEAD} FROM events
  WHERE organization_id = ?1 AND (?2 IS NULL OR name = ?2) AND (?3 IS NULL OR id < ?3) ORDER BY +id DESC LIMIT ?4`;
const GET = `SELECT ${HEAD}, data FROM events WHERE id = ? AND organization_id = ?`;
const FIND_FOR = `
  SELECT * FROM events WHERE organization_id = ? AND name = ? AND match_key = ? AND at >= ? AND expires_at > ?
    AND NOT EXISTS (SELECT 1 FROM event_takings t WHERE t.event_id = events.id AND t.run_id = ?)
  ORDER BY id LIMIT 1`;
const LIST_WAITING = `
  SELECT DISTINCT run_id FROM event_waits
  WHERE organization_id = ? AND name = ? AND match_key = ? AND since <= ? AND run_id > ? ORDER BY run_id LIMIT ?`;
const LIST_UNTOLD = `
  SELECT DISTINCT w.run_id, w.organization_id FROM event_waits w
  JOIN events e ON e.organization_id = w.organization_id AND e.name = w.name AND e.match_key = w.match_key
  WHERE e.at >= w.since AND e.expires_at > ?
    AND NOT EXISTS (SELECT 1 FROM event_takings t WHERE t.event_id = e.id AND t.run_id = w.run_id)
  LIMIT ?`;
const EXPIRED = 'SELECT id FROM events WHERE expires_at <= ? ORDER BY expires_at LIMIT ?';

type Given<Name extends keyof EventStore> = Parameters<EventStore[Name]>[0];

export class EventsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert({ event, dedupeKey, limit }: Given<'insert'>): { event: KeptEvent; created: boolean } | null {
    const row = toEventRow(event);
    const key = dedupeKey === null ? null : encodeText(dedupeKey);
    const same = key === null ? undefined : this.#db.get(FIND_SAME, row.organization_id, key);
    if (same !== undefined) return { event: fromEventRow(same as EventRow), created: false };
    if (this.#db.get(IS_FULL, row.organization_id, event.at, limit - 1) !== undefined) return null;
    const { id, organization_id, name, match_key, data, at, expires_at } = row;
    this.#db.run(INSERT, id, organization_id, name, match_key, data, at, expires_at, key);
    return { event, created: true };
  }

  list({ organizationId, name, beforeId, limit }: Given<'list'>): ListedEvent[] {
    const named = name === null ? null : encodeText(name);
    const rows = this.#db.all(LIST, encodeText(organizationId), named, beforeId, limit);
    return (rows as ListedEventRow[]).map(fromListedEventRow);
  }

  get({ organizationId, id }: Given<'get'>): (ListedEvent & KeptEvent) | null {
    const row = this.#db.get(GET, id, encodeText(organizationId)) as (EventRow & ListedEventRow) | undefined;
    return row === undefined ? null : { ...fromEventRow(row), taken: row.taken };
  }

  findFor({ organizationId, runId, since, now, ...match }: Given<'findFor'>): KeptEvent | null {
    const row = this.#db.get(FIND_FOR, ...matchOf(organizationId, match), since, now, encodeText(runId));
    return row === undefined ? null : fromEventRow(row as EventRow);
  }

  listWaiting({ organizationId, at, afterId, limit, ...match }: Given<'listWaiting'>): string[] {
    const after = encodeText(afterId ?? '');
    const rows = this.#db.all(LIST_WAITING, ...matchOf(organizationId, match), at, after, limit);
    return (rows as { readonly run_id: string }[]).map(({ run_id }) => decodeText(run_id));
  }

  listUntold({ now, limit }: Given<'listUntold'>): RunKey[] {
    const rows = this.#db.all(LIST_UNTOLD, now, limit);
    return (rows as { readonly run_id: string; readonly organization_id: string }[]).map((row) => ({
      runId: decodeText(row.run_id),
      organizationId: decodeText(row.organization_id),
    }));
  }

  purge({ now, limit }: Given<'purge'>): boolean {
    const expired = this.#db.all(EXPIRED, now, limit) as { readonly id: string }[];
    for (const { id } of expired) {
      this.#db.run('DELETE FROM event_takings WHERE event_id = ?', id);
      this.#db.run('DELETE FROM events WHERE id = ?', id);
    }
    return expired.length === limit;
  }

  /** Within the commit of the run. */
  change({ organizationId, runId }: RunKey, { waits, taken }: EventChanges): void {
    const id = encodeText(runId);
    this.#db.run('DELETE FROM event_waits WHERE run_id = ?', id);
    for (const { nodeId, since, ...match } of waits) {
      const sql =
        'INSERT INTO event_waits (organization_id, name, match_key, run_id, node_id, since) VALUES (?, ?, ?, ?, ?, ?)';
      this.#db.run(sql, ...matchOf(organizationId, match), id, encodeText(nodeId), since);
    }
    for (const eventId of taken)
      this.#db.run('INSERT OR IGNORE INTO event_takings (event_id, run_id) VALUES (?, ?)', eventId, id);
  }
}

function matchOf(organizationId: string, { name, key }: EventMatch): readonly [string, string, string] {
  return [encodeText(organizationId), encodeText(name), encodeText(key)];
}
