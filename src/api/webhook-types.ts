import type { DeliveryState } from '../core/webhooks/delivery.js';
import type { WebhookEvent } from '../core/webhooks/webhook.js';

/** What tells others of an organization's runs. Times are RFC 3339 in UTC. */
export interface ApiWebhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Only of runs of this workflow; null: of all. */
  readonly workflow_id: string | null;
  readonly enabled: boolean;
  /** Why it was disabled, where that was no person's doing. */
  readonly disabled_because: string | null;
  /** What deliveries are signed with, the newest first; never the secrets themselves. */
  readonly secrets: readonly ApiSigningSecret[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ApiSigningSecret {
  readonly created_at: string;
  /** Null for the newest. */
  readonly expires_at: string | null;
}

/** With the secret, which is shown here alone: `whsec_…`. */
export interface ApiNewWebhook extends ApiWebhook {
  readonly secret: string;
}

export interface ApiCallbackSecret {
  readonly secret: string;
  readonly secrets: readonly ApiSigningSecret[];
}

export interface ApiWebhookFields {
  readonly name?: string;
  readonly url: string;
  /** All but `node.completed` when not given. */
  readonly events?: readonly WebhookEvent[];
  readonly workflow_id?: string | null;
  readonly enabled?: boolean;
}

/** One message that others get. */
export interface ApiDelivery {
  readonly id: string;
  /** Null for callbacks of single runs. */
  readonly webhook_id: string | null;
  readonly url: string;
  readonly event: string;
  readonly run_id: string | null;
  readonly state: DeliveryState;
  readonly attempt_count: number;
  /** The latest, the oldest of them first. */
  readonly attempts: readonly ApiDeliveryAttempt[];
  /** Null unless it is pending. */
  readonly next_attempt_at: string | null;
  readonly created_at: string;
  readonly ended_at: string | null;
}

export interface ApiDeliveryAttempt {
  readonly at: string;
  readonly duration_seconds: number;
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly answer: string | null;
}

/** With what is sent, as text. */
export interface ApiDeliveryWithPayload extends ApiDelivery {
  readonly payload: string;
}

/** Where one run's events go: an address, or one with the events that are told. */
export type ApiCallback = string | { readonly url: string; readonly events?: readonly WebhookEvent[] };
