import { ErrandError } from '../../../../core/errors.js';
import type { WebhookId } from '../../../../core/ports/store/webhooks/webhook-store.js';
import type { Webhook } from '../../../../core/webhooks/webhook.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { encodeText } from '../../../rows/text.js';
import { fromWebhookRow, toWebhookRow, type WebhookRow } from '../../../rows/webhook-rows.js';
import { ConstraintError } from '../../connection/errors.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO webhooks (id, organization_id, settings, secrets, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const GET = 'SELECT * FROM webhooks WHERE id = $1 AND organization_id = $2';
const LIST = 'SELECT * FROM webhooks WHERE organization_id = $1 ORDER BY id';
const UPDATE = `
  UPDATE webhooks SET settings = $1, secrets = $2, updated_at = $3 WHERE id = $4 AND organization_id = $5`;
const DELETE = 'DELETE FROM webhooks WHERE id = $1 AND organization_id = $2';

export const webhooksTable = {
  async insert(sql: Sql, webhook: Webhook): Promise<void> {
    const { id, organization_id, settings, secrets, created_at, updated_at } = toWebhookRow(webhook);
    try {
      await sql.run(INSERT, [id, organization_id, settings, secrets, created_at, updated_at]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(webhook.organizationId, error);
      throw new ErrandError('conflict', 'There is a webhook with this id already.', { cause: error });
    }
  },

  async get(sql: Sql, { organizationId, id }: WebhookId): Promise<Webhook | null> {
    const row = await first(sql, GET, [encodeText(id), encodeText(organizationId)]);
    return row === undefined ? null : fromWebhookRow(row as WebhookRow);
  },

  async list(sql: Sql, { organizationId }: { readonly organizationId: string }): Promise<Webhook[]> {
    return ((await sql.all(LIST, [encodeText(organizationId)])) as WebhookRow[]).map(fromWebhookRow);
  },

  async listAll(sql: Sql): Promise<Webhook[]> {
    return ((await sql.all('SELECT * FROM webhooks ORDER BY id')) as WebhookRow[]).map(fromWebhookRow);
  },

  async update(sql: Sql, webhook: Webhook): Promise<boolean> {
    const { settings, secrets, updated_at, id, organization_id } = toWebhookRow(webhook);
    return (await sql.run(UPDATE, [settings, secrets, updated_at, id, organization_id])) > 0;
  },

  async delete(sql: Sql, { organizationId, id }: WebhookId): Promise<boolean> {
    return (await sql.run(DELETE, [encodeText(id), encodeText(organizationId)])) > 0;
  },
};
