import { ErrandError } from '../../../../core/errors.js';
import type { WebhookId } from '../../../../core/ports/store/webhooks/webhook-store.js';
import type { Webhook } from '../../../../core/webhooks/webhook.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { fromWebhookRow, toWebhookRow, type WebhookRow } from '../../../rows/webhook-rows.js';
import { ConstraintError, type SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO webhooks (id, organization_id, settings, secrets, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`;
const UPDATE = 'UPDATE webhooks SET settings = ?, secrets = ?, updated_at = ? WHERE id = ? AND organization_id = ?';

export class WebhooksTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(webhook: Webhook): void {
    const { id, organization_id, settings, secrets, created_at, updated_at } = toWebhookRow(webhook);
    try {
      this.#db.run(INSERT, id, organization_id, settings, secrets, created_at, updated_at);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(webhook.organizationId, error);
      throw new ErrandError('conflict', 'There is a webhook with this id already.', { cause: error });
    }
  }

  get({ organizationId, id }: WebhookId): Webhook | null {
    const sql = 'SELECT * FROM webhooks WHERE id = ? AND organization_id = ?';
    const row = this.#db.get(sql, encodeText(id), encodeText(organizationId)) as WebhookRow | undefined;
    return row === undefined ? null : fromWebhookRow(row);
  }

  list({ organizationId }: { readonly organizationId: string }): Webhook[] {
    const sql = 'SELECT * FROM webhooks WHERE organization_id = ? ORDER BY id';
    return (this.#db.all(sql, encodeText(organizationId)) as WebhookRow[]).map(fromWebhookRow);
  }

  listAll(): Webhook[] {
    return (this.#db.all('SELECT * FROM webhooks ORDER BY id') as WebhookRow[]).map(fromWebhookRow);
  }

  update(webhook: Webhook): boolean {
    const { settings, secrets, updated_at, id, organization_id } = toWebhookRow(webhook);
    return this.#db.run(UPDATE, settings, secrets, updated_at, id, organization_id) > 0;
  }

  delete({ organizationId, id }: WebhookId): boolean {
    const sql = 'DELETE FROM webhooks WHERE id = ? AND organization_id = ?';
    return this.#db.run(sql, encodeText(id), encodeText(organizationId)) > 0;
  }
}
