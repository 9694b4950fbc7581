/** What others can be told of a run. `run.waiting`: it asks a person. */
export const WEBHOOK_EVENTS = [
  'run.completed',
  'run.partially_completed',
  'run.failed',
  'run.cancelled',
  'run.waiting',
  'node.completed',
  'credits.low',
  'credits.used_up',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** All but `node.completed`, which there are many of. */
export const DEFAULT_WEBHOOK_EVENTS: readonly WebhookEvent[] = WEBHOOK_EVENTS.filter(
  (event) => event !== 'node.completed',
);

/** Those of one run. */
export const RUN_WEBHOOK_EVENTS: readonly WebhookEvent[] = WEBHOOK_EVENTS.filter(
  (event) => !event.startsWith('credits.'),
);
const DEFAULT_RUN_EVENTS = DEFAULT_WEBHOOK_EVENTS.filter((event) => RUN_WEBHOOK_EVENTS.includes(event));

export const MAX_WEBHOOKS = 100;
export const MAX_WEBHOOK_URL = 2_000;
export const MAX_WEBHOOK_NAME = 100;

/** Where one run's events go, as its caller asked. */
export interface RunCallback {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
}

/** As callers write it: an address, or one with the events that are told. */
export function toCallback(
  given: string | { readonly url: string; readonly events?: RunCallback['events'] },
): RunCallback {
  if (typeof given === 'string') return { url: given, events: DEFAULT_RUN_EVENTS };
  return { url: given.url, events: given.events ?? DEFAULT_RUN_EVENTS };
}

export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Only of runs of this workflow; null: of all. */
  readonly workflowId: string | null;
  readonly enabled: boolean;
}

/** With what deliveries are signed. */
export interface SigningSecret {
  /** As a `SecretBox` gave it. */
  readonly sealed: { readonly nonce: string; readonly ciphertext: string };
  readonly createdAt: number;
  /** Epoch milliseconds; null for the newest. Until then deliveries are signed with it too. */
  readonly expiresAt: number | null;
}

/**
 * Tells others what becomes of an organization's runs. `callbacks`: holds the secrets that the callbacks of single runs
 * are signed with; its url is empty, and it has no events of its own.
 */
export interface Webhook extends WebhookSettings {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: 'webhook' | 'callbacks';
  /** Why it was disabled, where that was no person's doing. */
  readonly disabledBecause: string | null;
  /** The newest first; at most two. */
  readonly secrets: readonly SigningSecret[];
  readonly createdAt: number;
  readonly updatedAt: number;
}
