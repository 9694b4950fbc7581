import { setMaxListeners } from 'node:events';
import { errorMessage } from '../../core/errors.js';
import { nextTurn } from '../../core/event-loop.js';
import { Looks } from '../use-case/looks.js';
import type { Clock, Random } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { OutboundFetch } from '../../core/ports/outbound.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { Store } from '../../core/ports/store/store.js';
import { type Delivery, type DeliveryAttempt, MAX_KEPT_ATTEMPTS } from '../../core/webhooks/delivery.js';
import type { Webhook } from '../../core/webhooks/webhook.js';
import type { WebhookRegistry } from '../state/webhook-registry.js';
import { nextAttemptAt, restOf } from '../webhooks/retry-times.js';
import { sendMessage, type Sent } from '../webhooks/send-message.js';
import { openSigningSecret, signMessage, validSecrets } from '../webhooks/signing.js';
import { giveUpAll } from '../webhooks/write-many.js';

export interface WebhookSenderOptions {
  readonly store: Pick<Store, 'webhooks' | 'deliveries'>;
  readonly registry: WebhookRegistry;
  readonly box: SecretBox;
  readonly fetch: OutboundFetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Told of each attempt: whether its message was `delivered`, is `pending` still, or was given up as `failed`. */
  readonly onAttempt?: (state: Delivery['state'], durationMs: number) => void;
}

/** Requests at once: to one endpoint, and in all. */
const MAX_TO_ENDPOINT = 4;
const MAX_IN_FLIGHT = 512;
/** A process that has taken a delivery and died is waited for so long. */
const CLAIM_MS = 60_000;
/** What other processes write is found by then. */
const MAX_LOOK_MS = 10_000;
const AGAIN_MS = 1_000;
const PURGE_EVERY_MS = 600_000;
/** In one turn of the event loop, and in as many turns each time: messages are long. */
const PURGED_AT_ONCE = 20;
const PURGING_TURNS = 25;
/** How long deliveries are kept after their end. */
const KEPT_MS = 30 * 86_400_000;

/** How an endpoint does. */
interface Endpoint {
  inFlight: number;
  /** In a row. */
  failures: number;
  /** It is left alone until then. */
  restsUntil: number;
}

/**
 * Sends what commits of runs have written for others, at least once, until it is taken or given up. An endpoint that is
 * down has one request at a time, which holds up no other endpoint.
 */
export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  readonly #looks: Looks;
  #inFlight = 0;
  #unsubscribe: () => void = () => undefined;
  #purgedAt = 0;
  #loadedAt = 0;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
    this.#looks = new Looks({ clock: options.clock, look: () => this.#lookOnce() });
    // One for each request.
    setMaxListeners(0, this.#stopping.signal);
  }

  async start(): Promise<void> {
    const { registry, clock } = this.#options;
    // Whoever starts this has just loaded it.
    this.#loadedAt = clock.now();
    this.#unsubscribe = registry.onWritten(() => this.#looks.now());
    this.#looks.now();
  }

  /** Ends requests that are under way: whoever starts next makes them again. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    const looked = this.#looks.stop();
    this.#stopping.abort();
    await looked;
    await Promise.all(this.#sending);
  }

  /** Begins with all that may be sent; gives how long nothing more will be. */
  async #lookOnce(): Promise<number> {
    const { store, clock, logger } = this.#options;
    try {
      await this.#purge();
      await this.#reload();
      let next = clock.now() + MAX_LOOK_MS;
      for (const { endpoint, dueAt } of await store.deliveries.listEndpoints()) {
        const due = Math.max(dueAt, this.#endpoints.get(endpoint)?.restsUntil ?? 0);
        if (due > clock.now()) next = Math.min(next, due);
        else await this.#take(endpoint);
      }
      return Math.max(0, next - clock.now());
    } catch (error) {
      logger.error({ error: errorMessage(error) }, 'Webhooks could not be looked at; trying again');
      return AGAIN_MS;
    }
  }

  async #take(name: string): Promise<void> {
    const { store, clock } = this.#options;
    const endpoint = this.#endpoints.get(name) ?? { inFlight: 0, failures: 0, restsUntil: 0 };
    const most = endpoint.failures === 0 ? MAX_TO_ENDPOINT : 1;
    const limit = Math.min(most - endpoint.inFlight, MAX_IN_FLIGHT - this.#inFlight);
    if (limit <= 0) return;
    this.#endpoints.set(name, endpoint);
    const at = clock.now();
    const taken = await store.deliveries.claim({ endpoint: name, at, limit, until: at + CLAIM_MS });
    for (const delivery of taken) this.#begin(delivery, endpoint);
    this.#forget(name, endpoint);
  }

  #begin(delivery: Delivery, endpoint: Endpoint): void {
    endpoint.inFlight += 1;
    this.#inFlight += 1;
    const sending = this.#deliver(delivery, endpoint)
      .catch((error: unknown) => {
        const fields = { delivery: delivery.id, error: errorMessage(error) };
        this.#options.logger.error(fields, 'A webhook could not be dealt with; trying again');
      })
      .finally(() => {
        endpoint.inFlight -= 1;
        this.#inFlight -= 1;
        this.#sending.delete(sending);
        this.#forget(delivery.endpoint, endpoint);
        this.#looks.now();
      });
    this.#sending.add(sending);
  }

  #forget(name: string, { inFlight, failures }: Endpoint): void {
    if (inFlight === 0 && failures === 0) this.#endpoints.delete(name);
  }

  async #deliver(delivery: Delivery, endpoint: Endpoint): Promise<void> {
    const { store, clock } = this.#options;
    const { organizationId, webhookId: id } = delivery;
    const webhook = await store.webhooks.get({ organizationId, id });
    if (webhook === null || !webhook.enabled) return this.#giveUp(delivery, webhook);
    const at = clock.now();
    const sent = await this.#send(delivery, webhook, at);
    if (sent === null) return this.#release(delivery);
    const { isTaken, isGone, isDown, retryAfterMs, ...answer } = sent;
    const attempt: DeliveryAttempt = { at, durationMs: clock.now() - at, ...answer };
    this.#judge(endpoint, isDown, retryAfterMs);
    if (isTaken) return this.#settleAttempt(delivery, attempt, 'delivered', null);
    if (isGone) return this.#end(delivery, attempt, webhook);
    const attemptCount = delivery.attemptCount + 1;
    const { givesUpAt } = delivery;
    const chance = this.#options.random();
    const dueAt = nextAttemptAt({ attemptCount, now: clock.now(), retryAfterMs, givesUpAt, chance });
    return this.#settleAttempt(delivery, attempt, dueAt === null ? 'failed' : 'pending', dueAt);
  }

  #settleAttempt(
    delivery: Delivery,
    attempt: DeliveryAttempt,
    state: Delivery['state'],
    dueAt: number | null,
  ): Promise<void> {
    this.#options.onAttempt?.(state, attempt.durationMs);
    return this.#settle(delivery, attempt, state, dueAt);
  }

  /** Null when the server is stopping. */
  async #send({ id, url, payload }: Delivery, webhook: Webhook, now: number): Promise<Sent | null> {
    const { box, fetch, clock } = this.#options;
    const secrets = validSecrets(webhook, now).map((secret) => openSigningSecret(box, secret, webhook));
    const headers = signMessage({ id: `msg_${id}`, now, payload, secrets });
    const { signal } = this.#stopping;
    const sent = await sendMessage({ fetch, clock, url, payload, headers, signal });
    return signal.aborted && sent.status === null ? null : sent;
  }

  #judge(endpoint: Endpoint, isDown: boolean, retryAfterMs: number | null): void {
    endpoint.failures = isDown ? endpoint.failures + 1 : 0;
    const rest = isDown ? Math.max(restOf(endpoint.failures), retryAfterMs ?? 0) : 0;
    endpoint.restsUntil = this.#options.clock.now() + rest;
  }

  async #settle(
    delivery: Delivery,
    attempt: DeliveryAttempt,
    state: Delivery['state'],
    dueAt: number | null,
  ): Promise<void> {
    const { store, clock, logger } = this.#options;
    const { organizationId, id, webhookId: webhook } = delivery;
    const attempts = [...delivery.attempts, attempt].slice(-MAX_KEPT_ATTEMPTS);
    const endedAt = state === 'pending' ? null : clock.now();
    const attemptCount = delivery.attemptCount + 1;
    await store.deliveries.settle({ organizationId, id, state, dueAt, attemptCount, attempts, endedAt });
    const fields = { organization: organizationId, webhook, delivery: id, error: attempt.error };
    if (state === 'failed') logger.warn(fields, 'A webhook was given up');
  }

  /** Whoever starts next takes it again at once. */
  async #release({ organizationId, id, attemptCount, attempts }: Delivery): Promise<void> {
    const { store, clock } = this.#options;
    const dueAt = clock.now();
    await store.deliveries.settle({
      organizationId,
      id,
      state: 'pending',
      dueAt,
      attemptCount,
      attempts,
      endedAt: null,
    });
  }

  /** The receiver says that it wants no more. */
  async #end(delivery: Delivery, attempt: DeliveryAttempt, webhook: Webhook): Promise<void> {
    const { store, registry, clock } = this.#options;
    const { organizationId, webhookId, runId } = delivery;
    const at = clock.now();
    const isCallback = webhook.kind === 'callbacks';
    if (!isCallback) {
      const disabledBecause = 'the receiver answered 410 (Gone)';
      await store.webhooks.update({ ...webhook, enabled: false, disabledBecause, updatedAt: at });
      await registry.changed();
    }
    await this.#settleAttempt(delivery, attempt, 'failed', null);
    const ofRun = runId === null ? {} : { runId };
    await giveUpAll(store.deliveries, { organizationId, webhookId, at, ...(isCallback ? ofRun : {}) });
  }

  async #giveUp(delivery: Delivery, webhook: Webhook | null): Promise<void> {
    const error = webhook === null ? 'the webhook was deleted' : 'the webhook is disabled';
    const at = this.#options.clock.now();
    await this.#settle(delivery, { at, durationMs: 0, status: null, error, answer: null }, 'failed', null);
  }

  async #reload(): Promise<void> {
    const { registry, clock } = this.#options;
    if (clock.now() - this.#loadedAt < MAX_LOOK_MS) return;
    this.#loadedAt = clock.now();
    await registry.load();
  }

  async #purge(): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    if (now - this.#purgedAt < PURGE_EVERY_MS) return;
    for (let turns = 0; turns < PURGING_TURNS; turns += 1, await nextTurn()) {
      if (await store.deliveries.purge({ before: now - KEPT_MS, limit: PURGED_AT_ONCE })) continue;
      this.#purgedAt = now;
      return;
    }
  }
}
