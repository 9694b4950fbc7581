import type { BulkStore } from './bulk/bulk-store.js';
import type { AuditStore } from './audit/audit-store.js';
import type { DeliveryStore } from './webhooks/delivery-store.js';
import type { CreditStore } from './credit-store.js';
import type { DayStore } from './day-store.js';
import type { EventStore } from './events/event-store.js';
import type { GrantStore } from './grant-store.js';
import type { HookStore } from './hooks/hook-store.js';
import type { IdempotencyStore } from './idempotency-store.js';
import type { KeyStore } from './key-store.js';
import type { ModelStore } from './model-store.js';
import type { OAuthStore } from './oauth-store.js';
import type { DraftStore } from './workflows/draft-store.js';
import type { PublicationStore } from './workflows/publication-store.js';
import type { OrganizationStore } from './organization-store.js';
import type { RetentionStore } from './retention-store.js';
import type { RunLogStore } from './run-log-store.js';
import type { RunStore } from './run-store.js';
import type { SecretStore } from './secrets/secret-store.js';
import type { ScheduleStore } from './schedule-store.js';
import type { WebhookStore } from './webhooks/webhook-store.js';
import type { WorkflowStore } from './workflows/workflow-store.js';

/** `full`: what is acknowledged survives a power cut. `relaxed`: it survives a crash of the process. */
export type Durability = 'full' | 'relaxed';

/** Where records live, by noun. */
export interface Records {
  readonly runs: RunStore;
  readonly log: RunLogStore;
  readonly retention: RetentionStore;
  readonly days: DayStore;
  readonly organizations: OrganizationStore;
  readonly keys: KeyStore;
  readonly idempotency: IdempotencyStore;
  readonly credits: CreditStore;
  readonly workflows: WorkflowStore;
  readonly publications: PublicationStore;
  readonly drafts: DraftStore;
  readonly models: ModelStore;
  readonly grants: GrantStore;
  readonly oauth: OAuthStore;
  readonly schedules: ScheduleStore;
  readonly audit: AuditStore;
  readonly webhooks: WebhookStore;
  readonly hooks: HookStore;
  readonly events: EventStore;
  readonly bulk: BulkStore;
  readonly secrets: SecretStore;
  readonly deliveries: DeliveryStore;
}

/** What a store can say of the time, in epoch milliseconds. */
export type StoreTime =
  /** By the clock of the database, which is another process's and may be another machine's. */
  | { readonly kind: 'clock'; readonly at: number }
  /** Of a store without a clock: when the newest run was made; null before the first. */
  | { readonly kind: 'newest'; readonly at: number | null };

/**
 * Everything is durable when its promise resolves (for a transaction: when the transaction's does).
 * Reads outside a transaction see committed records only.
 */
export interface Store extends Records {
  /**
   * All or nothing. The calls that `work` makes of `tx` are part of the transaction; it must await nothing else, and
   * may be run again from the start after a clash, so it must have no other effect. Transactions never nest.
   */
  transaction<T>(work: (tx: Records) => Promise<T>): Promise<T>;
  /** Throws unless the store can be written just now. */
  checkWritable(): Promise<void>;
  readTime(): Promise<StoreTime>;
  close(): Promise<void>;
}
