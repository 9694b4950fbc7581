import type { Webhook } from '../../../webhooks/webhook.js';

export interface WebhookId {
  readonly organizationId: string;
  readonly id: string;
}

export interface WebhookStore {
  /** Throws `conflict` when there is one with this id. */
  insert(webhook: Webhook): Promise<void>;
  get(params: WebhookId): Promise<Webhook | null>;
  /** Oldest first. */
  list(params: { readonly organizationId: string }): Promise<Webhook[]>;
  /** Of all organizations. */
  listAll(): Promise<Webhook[]>;
  /** False when there is no such webhook. */
  update(webhook: Webhook): Promise<boolean>;
  delete(params: WebhookId): Promise<boolean>;
}
