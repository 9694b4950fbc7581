import type { Principal } from '../../core/tenant/principal.js';
import type { Delivery, DeliveryState, ListedDelivery } from '../../core/webhooks/delivery.js';
import type { Webhook, WebhookSettings } from '../../core/webhooks/webhook.js';
import type { InOrganization } from './in-organization.js';

export interface OneWebhookParams extends InOrganization {
  readonly webhookId: string;
}

export interface CreateWebhookParams extends InOrganization {
  readonly settings: WebhookSettings;
  /** 1 to 200 characters: the same call with the same key gives what the first one made. */
  readonly idempotencyKey?: string;
}

/** A webhook with the secret that its deliveries are signed with, which is not shown again. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export interface OneDeliveryParams extends InOrganization {
  readonly deliveryId: string;
}

export interface ListWebhookDeliveriesParams extends InOrganization {
  readonly webhookId?: string;
  readonly state?: DeliveryState;
  /** 1 to 100. */
  readonly limit: number;
  readonly beforeId?: string;
}

export interface ReplayParams extends OneWebhookParams {
  readonly state: Exclude<DeliveryState, 'pending'>;
  /** Epoch milliseconds: only those made from then on, and before then. */
  readonly since: number | null;
  readonly until: number | null;
}

/** What tells others of an organization's runs. Each call needs the scope `manage`. */
export interface WebhookServices {
  createWebhook(
    caller: Principal,
    params: CreateWebhookParams,
  ): Promise<WebhookWithSecret & { readonly created: boolean }>;
  /** Oldest first. */
  listWebhooks(caller: Principal, params: InOrganization): Promise<readonly Webhook[]>;
  getWebhook(caller: Principal, params: OneWebhookParams): Promise<Webhook>;
  updateWebhook(
    caller: Principal,
    params: OneWebhookParams & { readonly changes: Partial<WebhookSettings> },
  ): Promise<Webhook>;
  deleteWebhook(caller: Principal, params: OneWebhookParams): Promise<void>;
  /** Signs with a new secret, and for `keepOldForMs` with the one before as well. */
  rotateWebhookSecret(
    caller: Principal,
    params: OneWebhookParams & { readonly keepOldForMs: number },
  ): Promise<WebhookWithSecret>;
  /** The secret that callbacks of single runs are signed with; made when there is none yet. */
  getCallbackSecret(caller: Principal, params: InOrganization): Promise<WebhookWithSecret>;
  /** Has a message `webhook.test` delivered. */
  testWebhook(caller: Principal, params: OneWebhookParams): Promise<Delivery>;
  /** Newest first. */
  listDeliveries(caller: Principal, params: ListWebhookDeliveriesParams): Promise<readonly ListedDelivery[]>;
  getDelivery(caller: Principal, params: OneDeliveryParams): Promise<Delivery>;
  /** Has it tried again for another three days; `conflict` while it is pending. */
  replayDelivery(caller: Principal, params: OneDeliveryParams): Promise<Delivery>;
  /** The same for many; tells how many. */
  replayDeliveries(caller: Principal, params: ReplayParams): Promise<number>;
}
