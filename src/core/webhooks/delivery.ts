/** `failed`: it was given up. */
export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One try to deliver. */
export interface DeliveryAttempt {
  readonly at: number;
  readonly durationMs: number;
  /** Null when there was no answer. */
  readonly status: number | null;
  /** Why it counts as failed; null when it does not. */
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly answer: string | null;
}

/** Of a delivery's attempts the latest are kept. */
export const MAX_KEPT_ATTEMPTS = 20;

/** One message that others are to get: at least once. */
export interface Delivery {
  /** UUIDv7. The message's id, the same for each attempt, is made of it. */
  readonly id: string;
  readonly organizationId: string;
  readonly webhookId: string;
  /** What is slow or down as one: the webhook, or the origin that callbacks of an organization go to. */
  readonly endpoint: string;
  readonly url: string;
  /** Null for what is no event of a run. */
  readonly runId: string | null;
  /** The event's `seq` in the run's log: of one run, messages come in its order. */
  readonly seq: number;
  readonly event: string;
  readonly state: DeliveryState;
  /** When it is tried next; null unless it is pending. */
  readonly dueAt: number | null;
  /** From then on it is not tried again. */
  readonly givesUpAt: number;
  /** How often it was tried. */
  readonly attemptCount: number;
  /** The latest, the oldest of them first. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly createdAt: number;
  /** When it was delivered or given up; null while it is pending. */
  readonly endedAt: number | null;
  /** JSON: what is sent, byte by byte. */
  readonly payload: string;
}

/** Without what is sent, which is long. */
export type ListedDelivery = Omit<Delivery, 'payload'>;

/** How long a delivery is tried. */
export const GIVE_UP_AFTER_MS = 3 * 86_400_000;
