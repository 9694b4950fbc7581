import type { Store } from '../../core/ports/store/store.js';
import type { Webhook } from '../../core/webhooks/webhook.js';

/**
 * Which organizations are told of their runs, in memory: every commit of a run asks. Exact for what this process
 * changes; what other processes change is found when it is loaded again.
 */
export class WebhookRegistry {
  readonly #store: Pick<Store, 'webhooks'>;
  readonly #byOrganization = new Map<string, readonly Webhook[]>();
  /** Webhooks that are enabled, by organization, without those that only hold secrets. */
  readonly enabled: ReadonlyMap<string, readonly Webhook[]> = this.#byOrganization;
  readonly #listeners = new Set<() => void>();

  constructor(store: Pick<Store, 'webhooks'>) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const found = new Map<string, Webhook[]>();
    for (const webhook of await this.#store.webhooks.listAll()) {
      if (webhook.kind !== 'webhook' || !webhook.enabled) continue;
      const others = found.get(webhook.organizationId);
      if (others === undefined) found.set(webhook.organizationId, [webhook]);
      else others.push(webhook);
    }
    this.#byOrganization.clear();
    for (const [organizationId, webhooks] of found) this.#byOrganization.set(organizationId, webhooks);
  }

  /** After something was made, changed or written that others are to be told. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` when there is something to deliver; returns what ends that. */
  onWritten(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
