import type {
  ClaimDeliveriesParams,
  DeliveryId,
  DeliveryStore,
  ListDeliveriesParams,
  ReplayDeliveriesParams,
  SettleDeliveryParams,
} from '../../../../core/ports/store/webhooks/delivery-store.js';
import type { Delivery, ListedDelivery } from '../../../../core/webhooks/delivery.js';
import type { Row } from '../../../rows/columns.js';
import { deliveryRow, listedDeliveryRow } from '../../../rows/webhook-rows.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { decodeText, encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO webhook_deliveries (${deliveryRow.names.join(', ')}) VALUES (${deliveryRow.names.map(() => '?').join(', ')})`;
const LISTED = listedDeliveryRow.names.join(', ');
const LIST = `
  SELECT ${LISTED} FROM webhook_deliveries
  WHERE organization_id = ?1 AND (?2 IS NULL OR id < ?2) AND (?3 IS NULL OR state = ?3) ORDER BY id DESC LIMIT ?4`;
const LIST_OF_WEBHOOK = `
  SELECT ${LISTED} FROM webhook_deliveries
  WHERE organization_id = ?1 AND webhook_id = ?5 AND (?2 IS NULL OR id < ?2) AND (?3 IS NULL OR state = ?3)
  ORDER BY id DESC LIMIT ?4`;
/** From one endpoint to the next by the index, however many deliveries each has. */
const LIST_ENDPOINTS = `
  WITH RECURSIVE found (endpoint) AS (
    SELECT min(endpoint) FROM webhook_deliveries WHERE due_at IS NOT NULL
    UNION ALL
    SELECT (SELECT min(endpoint) FROM webhook_deliveries WHERE due_at IS NOT NULL AND endpoint > found.endpoint)
    FROM found WHERE endpoint IS NOT NULL
  )
  SELECT endpoint,
    (SELECT min(due_at) FROM webhook_deliveries d WHERE due_at IS NOT NULL AND d.endpoint = found.endpoint) AS due_at
  FROM found WHERE endpoint IS NOT NULL`;
const FIND_DUE = `
  SELECT * FROM webhook_deliveries d
  WHERE endpoint = ?1 AND due_at IS NOT NULL AND due_at <= ?2 AND NOT EXISTS (
    SELECT 1 FROM webhook_deliveries e
    WHERE e.due_at IS NOT NULL AND e.endpoint = d.endpoint AND e.run_id = d.run_id AND e.seq < d.seq
  )
  ORDER BY due_at, id LIMIT ?3`;
const CLAIM = 'UPDATE webhook_deliveries SET due_at = ? WHERE id = ?';
const SETTLE = `
  UPDATE webhook_deliveries SET state = ?, due_at = ?, attempt_count = ?, attempts = ?, ended_at = ?
  WHERE id = ? AND organization_id = ? AND state = 'pending'`;
const REPLAY = `
  UPDATE webhook_deliveries SET state = 'pending', ended_at = NULL, due_at = ?1, gives_up_at = ?2
  WHERE id = ?3 AND organization_id = ?4 AND state <> 'pending'`;
const REPLAY_MANY = `
  UPDATE webhook_deliveries SET state = 'pending', ended_at = NULL, due_at = ?1, gives_up_at = ?2
  WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE organization_id = ?3 AND webhook_id = ?4 AND state = ?5 AND created_at >= ?6 AND created_at < ?7
      AND id > ?8
    ORDER BY id LIMIT ?9
  ) RETURNING id`;
const GIVE_UP = `
  UPDATE webhook_deliveries SET state = 'failed', due_at = NULL, ended_at = ?1
  WHERE rowid IN (
    SELECT rowid FROM webhook_deliveries
    WHERE organization_id = ?2 AND webhook_id = ?3 AND state = 'pending' AND (?4 IS NULL OR run_id = ?4) LIMIT ?5
  )`;
const PURGE = `
  DELETE FROM webhook_deliveries WHERE rowid IN (
    SELECT rowid FROM webhook_deliveries WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT ?
  )`;

export class DeliveriesTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(delivery: Delivery): void {
    this.#db.run(INSERT, ...deliveryRow.write(delivery));
  }

  get({ organizationId, id }: DeliveryId): Delivery | null {
    const sql = 'SELECT * FROM webhook_deliveries WHERE id = ? AND organization_id = ?';
    const row = this.#db.get(sql, encodeText(id), encodeText(organizationId)) as Row | undefined;
    return row === undefined ? null : deliveryRow.read(row);
  }

  list({ organizationId, webhookId, state, limit, beforeId }: ListDeliveriesParams): ListedDelivery[] {
    const before = beforeId === undefined ? null : encodeText(beforeId);
    const values = [encodeText(organizationId), before, state ?? null, limit];
    const rows =
      webhookId === undefined
        ? this.#db.all(LIST, ...values)
        : this.#db.all(LIST_OF_WEBHOOK, ...values, encodeText(webhookId));
    return (rows as Row[]).map(listedDeliveryRow.read);
  }

  listEndpoints(): Awaited<ReturnType<DeliveryStore['listEndpoints']>> {
    const rows = this.#db.all(LIST_ENDPOINTS) as { readonly endpoint: string; readonly due_at: number }[];
    return rows.map(({ endpoint, due_at: dueAt }) => ({ endpoint, dueAt }));
  }

  claim({ endpoint, at, limit, until }: ClaimDeliveriesParams): Delivery[] {
    const rows = this.#db.all(FIND_DUE, encodeText(endpoint), at, limit) as (Row & { readonly id: string })[];
    for (const { id } of rows) this.#db.run(CLAIM, until, id);
    return rows.map((row) => deliveryRow.read({ ...row, due_at: until }));
  }

  settle({ organizationId, id, state, dueAt, attemptCount, attempts, endedAt }: SettleDeliveryParams): void {
    const place = [encodeText(id), encodeText(organizationId)];
    this.#db.run(SETTLE, state, dueAt, attemptCount, JSON.stringify(attempts), endedAt, ...place);
  }

  replay(params: Parameters<DeliveryStore['replay']>[0]): boolean {
    const { organizationId, id, dueAt, givesUpAt } = params;
    return this.#db.run(REPLAY, dueAt, givesUpAt, encodeText(id), encodeText(organizationId)) > 0;
  }

  replayMany(params: ReplayDeliveriesParams): string[] {
    const { organizationId, webhookId, state, since, until, dueAt, givesUpAt, afterId, limit } = params;
    const place = [encodeText(organizationId), encodeText(webhookId)];
    const after = encodeText(afterId ?? '');
    const rows = this.#db.all(REPLAY_MANY, dueAt, givesUpAt, ...place, state, since, until, after, limit);
    return (rows as { readonly id: string }[]).map(({ id }) => decodeText(id)).toSorted();
  }

  giveUp({ organizationId, webhookId, runId, at, limit }: Parameters<DeliveryStore['giveUp']>[0]): boolean {
    const run = runId === undefined ? null : encodeText(runId);
    return this.#db.run(GIVE_UP, at, encodeText(organizationId), encodeText(webhookId), run, limit) === limit;
  }

  purge({ before, limit }: { readonly before: number; readonly limit: number }): boolean {
    return this.#db.run(PURGE, before, limit) === limit;
  }
}
