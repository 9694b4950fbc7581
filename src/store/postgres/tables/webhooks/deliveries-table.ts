import type {
  ClaimDeliveriesParams,
  DeliveryId,
  DeliveryStore,
  ListDeliveriesParams,
  ReplayDeliveriesParams,
  SettleDeliveryParams,
} from '../../../../core/ports/store/webhooks/delivery-store.js';
import type { Delivery, ListedDelivery } from '../../../../core/webhooks/delivery.js';
import { decodeText, encodeText } from '../../../rows/text.js';
import type { Row } from '../../../rows/columns.js';
import { deliveryRow, listedDeliveryRow } from '../../../rows/webhook-rows.js';
import { first, type Sql, type SqlValue } from '../../connection/sql.js';

const INSERT = `INSERT INTO webhook_deliveries (${deliveryRow.names.join(', ')}) VALUES `;
const GET = 'SELECT * FROM webhook_deliveries WHERE id = $1 AND organization_id = $2';
const LIST = `
  SELECT ${listedDeliveryRow.names.join(', ')} FROM webhook_deliveries
  WHERE organization_id = $1 AND ($2::text IS NULL OR id < $2) AND ($3::text IS NULL OR state = $3)
    AND ($4::text IS NULL OR webhook_id = $4)
  ORDER BY id DESC LIMIT $5`;
/** From one endpoint to the next by the index, however many deliveries each has. */
const LIST_ENDPOINTS = `
  WITH RECURSIVE found (endpoint) AS (
    (SELECT endpoint FROM webhook_deliveries WHERE due_at IS NOT NULL ORDER BY endpoint LIMIT 1)
    UNION ALL
    SELECT next.endpoint FROM found, LATERAL (
      SELECT endpoint FROM webhook_deliveries
      WHERE due_at IS NOT NULL AND endpoint > found.endpoint ORDER BY endpoint LIMIT 1
    ) AS next
  )
  SELECT endpoint,
    (SELECT min(due_at) FROM webhook_deliveries d WHERE due_at IS NOT NULL AND d.endpoint = found.endpoint) AS due_at
  FROM found`;
const CLAIM = `
  UPDATE webhook_deliveries SET due_at = $4 WHERE id IN (
    SELECT id FROM webhook_deliveries d
    WHERE endpoint = $1 AND due_at IS NOT NULL AND due_at <= $2 AND NOT EXISTS (
      SELECT 1 FROM webhook_deliveries e
      WHERE e.due_at IS NOT NULL AND e.endpoint = d.endpoint AND e.run_id = d.run_id AND e.seq < d.seq
    )
    ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
  ) RETURNING *`;
const SETTLE = `
  UPDATE webhook_deliveries SET state = $1, due_at = $2, attempt_count = $3, attempts = $4, ended_at = $5
  WHERE id = $6 AND organization_id = $7 AND state = 'pending'`;
const REPLAY = `
  UPDATE webhook_deliveries SET state = 'pending', ended_at = NULL, due_at = $1, gives_up_at = $2
  WHERE id = $3 AND organization_id = $4 AND state <> 'pending'`;
const REPLAY_MANY = `
  UPDATE webhook_deliveries SET state = 'pending', ended_at = NULL, due_at = $1, gives_up_at = $2
  WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE organization_id = $3 AND webhook_id = $4 AND state = $5 AND created_at >= $6 AND created_at < $7
      AND id > $8
    ORDER BY id LIMIT $9
  ) RETURNING id`;
const GIVE_UP = `
  UPDATE webhook_deliveries SET state = 'failed', due_at = NULL, ended_at = $1
  WHERE id IN (
    SELECT id FROM webhook_deliveries
    WHERE organization_id = $2 AND webhook_id = $3 AND state = 'pending' AND ($4::text IS NULL OR run_id = $4)
    LIMIT $5
  )`;
const PURGE = `
  DELETE FROM webhook_deliveries WHERE id IN (
    SELECT id FROM webhook_deliveries WHERE ended_at IS NOT NULL AND ended_at < $1 LIMIT $2
  )`;

export const deliveriesTable = {
  async insert(sql: Sql, deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const values: SqlValue[] = [];
    const rows = deliveries.map((delivery) => {
      const places = deliveryRow.write(delivery).map((value) => `$${values.push(value)}`);
      return `(${places.join(', ')})`;
    });
    await sql.run(INSERT + rows.join(', '), values);
  },

  async get(sql: Sql, { organizationId, id }: DeliveryId): Promise<Delivery | null> {
    const row = await first(sql, GET, [encodeText(id), encodeText(organizationId)]);
    return row === undefined ? null : deliveryRow.read(row as Row);
  },

  async list(sql: Sql, params: ListDeliveriesParams): Promise<ListedDelivery[]> {
    const { organizationId, webhookId, state, limit, beforeId } = params;
    const before = beforeId === undefined ? null : encodeText(beforeId);
    const webhook = webhookId === undefined ? null : encodeText(webhookId);
    const rows = await sql.all(LIST, [encodeText(organizationId), before, state ?? null, webhook, limit]);
    return (rows as Row[]).map(listedDeliveryRow.read);
  },

  async listEndpoints(sql: Sql): ReturnType<DeliveryStore['listEndpoints']> {
    const rows = (await sql.all(LIST_ENDPOINTS)) as { readonly endpoint: string; readonly due_at: number }[];
    return rows.map(({ endpoint, due_at: dueAt }) => ({ endpoint, dueAt }));
  },

  async claim(sql: Sql, { endpoint, at, limit, until }: ClaimDeliveriesParams): Promise<Delivery[]> {
    const rows = await sql.all(CLAIM, [encodeText(endpoint), at, limit, until]);
    return (rows as Row[]).map(deliveryRow.read).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  },

  async settle(sql: Sql, params: SettleDeliveryParams): Promise<void> {
    const { organizationId, id, state, dueAt, attemptCount, attempts, endedAt } = params;
    const place = [encodeText(id), encodeText(organizationId)];
    await sql.run(SETTLE, [state, dueAt, attemptCount, JSON.stringify(attempts), endedAt, ...place]);
  },

  async replay(sql: Sql, params: Parameters<DeliveryStore['replay']>[0]): Promise<boolean> {
    const { organizationId, id, dueAt, givesUpAt } = params;
    return (await sql.run(REPLAY, [dueAt, givesUpAt, encodeText(id), encodeText(organizationId)])) > 0;
  },

  async replayMany(sql: Sql, params: ReplayDeliveriesParams): Promise<string[]> {
    const { organizationId, webhookId, state, since, until, dueAt, givesUpAt, afterId, limit } = params;
    const place = [encodeText(organizationId), encodeText(webhookId)];
    const after = encodeText(afterId ?? '');
    const rows = await sql.all(REPLAY_MANY, [dueAt, givesUpAt, ...place, state, since, until, after, limit]);
    return (rows as { readonly id: string }[]).map(({ id }) => decodeText(id)).toSorted();
  },

  async giveUp(sql: Sql, params: Parameters<DeliveryStore['giveUp']>[0]): Promise<boolean> {
    const { organizationId, webhookId, runId, at, limit } = params;
    const run = runId === undefined ? null : encodeText(runId);
    return (await sql.run(GIVE_UP, [at, encodeText(organizationId), encodeText(webhookId), run, limit])) === limit;
  },

  async purge(sql: Sql, { before, limit }: { readonly before: number; readonly limit: number }): Promise<boolean> {
    return (await sql.run(PURGE, [before, limit])) === limit;
  },
};
