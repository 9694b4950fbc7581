import type { Json } from '../json.js';
import type { SigningSecret } from '../webhooks/webhook.js';

/** Hashes that plain HMAC signatures are made with. */
export const HMAC_ALGORITHMS = ['sha256', 'sha512', 'sha1'] as const;
export const HMAC_ENCODINGS = ['hex', 'base64'] as const;

/** How a sender shows that a delivery is its own. */
export type HookSignature =
  | { readonly kind: 'none' }
  | { readonly kind: 'github' }
  | { readonly kind: 'standard_webhooks'; readonly toleranceSeconds: number }
  | { readonly kind: 'stripe'; readonly toleranceSeconds: number }
  | { readonly kind: 'slack'; readonly toleranceSeconds: number }
  | {
      readonly kind: 'hmac';
      /** The header that holds the signature, in lower case. */
      readonly header: string;
      readonly algorithm: (typeof HMAC_ALGORITHMS)[number];
      readonly encoding: (typeof HMAC_ENCODINGS)[number];
      /** What stands before the signature in the header; empty for nothing. */
      readonly prefix: string;
    }
  /** A header that holds the secret itself. */
  | { readonly kind: 'token'; readonly header: string };

export const HOOK_SIGNATURES = [
  'none',
  'standard_webhooks',
  'github',
  'stripe',
  'slack',
  'hmac',
  'token',
] as const satisfies readonly HookSignature['kind'][];

/** How the sender is answered: with the run's id at once, or with its result. */
export const HOOK_ANSWERS = ['at_once', 'result'] as const;
export type HookAnswer = (typeof HOOK_ANSWERS)[number];

export const MAX_HOOKS = 100;
export const MAX_HOOK_NAME = 100;
/** Bytes of a delivery's body. */
export const MAX_HOOK_BODY = 1_048_576;
/** Characters of JSON of the templates. */
export const MAX_HOOK_TEMPLATE = 20_000;
export const MAX_HOOK_SECRET = 1_000;
export const MAX_HOOK_WAIT_SECONDS = 25;
export const MAX_HOOK_TOLERANCE_SECONDS = 3_600;
/** Deliveries of one hook in a minute. More are refused. */
export const MAX_HOOK_REQUESTS = 600;
/** Deliveries in a minute that a hook refuses with a reason. More are refused without a look. */
export const MAX_HOOK_REFUSALS = 60;

export interface HookEvent {
  readonly name: string;
  /** Null for none. */
  readonly key: string | null;
}

/** What a hook starts, and how. Templates read `body`, `headers`, `query`, `body_hash` and `organization`. */
export interface HookSettings {
  readonly name: string;
  /** What is run; null where it sends an event. */
  readonly workflowId: string | null;
  /** Sends an event instead: its name, and a template of its key. */
  readonly event: HookEvent | null;
  /** Makes the run's input, or the event's data. */
  readonly input: Json;
  /** A condition: other deliveries are taken and start nothing; null: all start a run. */
  readonly when: string | null;
  /** A template of what tells deliveries apart; null: as the signature's kind has it. */
  readonly deliveryId: string | null;
  readonly signature: HookSignature;
  readonly answer: HookAnswer;
  readonly waitSeconds: number;
  readonly enabled: boolean;
}

/** Starts a run of a workflow, or sends an event to runs, for each delivery that comes to its address. */
export interface Hook extends HookSettings {
  readonly id: string;
  readonly organizationId: string;
  /** SHA-256 of the token, hex. The token itself is kept nowhere. */
  readonly tokenHash: string;
  /** What deliveries are checked with: the newest first, at most two; none before one is set. */
  readonly secrets: readonly SigningSecret[];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly counts: HookCounts;
}

/** What came to a hook. */
export interface HookCounts {
  readonly accepted: number;
  readonly refused: number;
  /** The latest that was accepted; epoch milliseconds. */
  readonly acceptedAt: number | null;
  /** The latest run. */
  readonly runId: string | null;
  readonly refusedAt: number | null;
  /** Why the latest was refused that was. */
  readonly refusal: string | null;
}

export const NO_HOOK_COUNTS: HookCounts = {
  accepted: 0,
  refused: 0,
  acceptedAt: null,
  runId: null,
  refusedAt: null,
  refusal: null,
};

/** With those of another time added; `later` goes before in what is the latest. */
export function addHookCounts(earlier: HookCounts, later: HookCounts): HookCounts {
  return {
    accepted: earlier.accepted + later.accepted,
    refused: earlier.refused + later.refused,
    acceptedAt: later.acceptedAt ?? earlier.acceptedAt,
    runId: later.runId ?? earlier.runId,
    refusedAt: later.refusedAt ?? earlier.refusedAt,
    refusal: later.refusal ?? earlier.refusal,
  };
}
