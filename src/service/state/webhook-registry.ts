import { Mutex } from '../../core/mutex.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Webhook } from '../../core/webhooks/webhook.js';

/** How processes on one database learn of each other's changes; a hint may be lost. */
export interface WebhookHints {
  tell(): void;
  listen(listener: () => void): void;
}

/**
 * Which organizations are told of their runs, in memory: every commit of a run asks. Exact for what this process
 * changes; what other processes change is found when it is loaded again, which a hint has it do.
 */
export class WebhookRegistry {
  readonly #store: Pick<Store, 'webhooks'>;
  readonly #hints: WebhookHints | null;
  /** A slow reading does not replace what a later one has found. */
  readonly #turns = new Mutex();
  readonly #byOrganization = new Map<string, readonly Webhook[]>();
  /** Webhooks that are enabled, by organization, without those that only hold secrets. */
  readonly enabled: ReadonlyMap<string, readonly Webhook[]> = this.#byOrganization;
  readonly #listeners = new Set<() => void>();

  constructor(store: Pick<Store, 'webhooks'>, hints: WebhookHints | null = null) {
    this.#store = store;
    this.#hints = hints;
    // What cannot be read now is read by the next look.
    hints?.listen(() => void this.load().catch(() => undefined));
  }

  load(): Promise<void> {
    return this.#turns.take(() => this.#load());
  }

  /** After a webhook was made, changed or deleted: this process knows it when this resolves, the others soon after. */
  async changed(): Promise<void> {
    this.#hints?.tell();
    await this.load();
  }

  async #load(): Promise<void> {
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
