import { cutText } from '../../core/text/cut-text.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { errorMessage } from '../../core/errors.js';
import type { NodeWait } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { NOTHING_TO_SCRUB, type Scrubber } from '../../core/secrets/scrub.js';
import { toPublicMessage } from '../../core/text/public-message.js';
import type { RetryPolicy } from '../../workflow/plan/plan.js';

/** How one attempt ended, as plain JSON so that any engine can remember it. */
export type AttemptOutcome =
  | { readonly status: 'completed'; readonly output: Json }
  | { readonly status: 'waiting'; readonly wait: NodeWait }
  | FailedAttempt;

export type EndedAttempt = Exclude<AttemptOutcome, { status: 'waiting' }>;

export type FailedAttempt = {
  readonly status: 'failed';
  readonly error: { readonly kind: string; readonly message: string };
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly anew?: true;
};

/**
 * Turns whatever a node's work threw into an outcome, told as callers may read it. Plain errors may carry `kind`,
 * `retryable` and `retryAfterMs` too.
 */
export function describeFailure(thrown: unknown, secrets: Pick<Scrubber, 'text'> = NOTHING_TO_SCRUB): FailedAttempt {
  try {
    return describe(thrown, secrets);
  } catch {
    // A getter, or a proxy, that throws itself.
    return describe(null, secrets);
  }
}

function describe(thrown: unknown, secrets: Pick<Scrubber, 'text'>): FailedAttempt {
  // Before it is cut: what is left of a secret then is harder to find.
  const message = toPublicMessage(cutText(secrets.text(errorMessage(thrown)), PAYLOAD_LIMITS.errorMessage));
  if (thrown instanceof NodeFailure) {
    const { kind, retryable, retryAfterMs, anew } = thrown;
    const failed = {
      status: 'failed',
      error: { kind: secrets.text(toKind(kind)), message },
      retryable,
      retryAfterMs: toWait(retryAfterMs),
    } as const;
    return anew ? { ...failed, anew } : failed;
  }
  const given: { kind?: unknown; retryable?: unknown; retryAfterMs?: unknown } =
    typeof thrown === 'object' && thrown !== null ? thrown : {};
  return {
    status: 'failed',
    error: { kind: secrets.text(toKind(given.kind)), message },
    retryable: given.retryable !== false,
    retryAfterMs: toWait(given.retryAfterMs),
  };
}

function toKind(kind: unknown): string {
  return typeof kind === 'string' && kind !== '' ? cutText(kind, PAYLOAD_LIMITS.errorKind) : 'error';
}

/** A wait must lead to a moment that a date can tell. */
function toWait(retryAfterMs: unknown): number | null {
  if (typeof retryAfterMs !== 'number' || Number.isNaN(retryAfterMs)) return null;
  return Math.min(Math.max(0, Math.round(retryAfterMs)), MAX_WAIT_MS);
}

/** 30 days. */
const MAX_WAIT_MS = 30 * 86_400_000;

/**
 * How long to wait before the next attempt, in milliseconds; null when there is to be none. Up to a tenth of jitter is
 * added, so that nodes that failed together do not come back together. `Retry-After` is never undercut.
 */
export function computeRetryDelay(params: {
  readonly policy: RetryPolicy;
  /** The attempt that failed, counting from 1. */
  readonly attempt: number;
  readonly outcome: FailedAttempt;
  readonly random: number;
}): number | null {
  const { policy, attempt, outcome } = params;
  if (!outcome.retryable || attempt >= policy.attempts || !isTriedAgain(policy, outcome.error.kind)) return null;
  const base = Math.min(policy.maxMs, policy.initialMs * growth(policy.backoff, attempt));
  return Math.max(Math.round(base * (1 + params.random / 10)), outcome.retryAfterMs ?? 0);
}

function isTriedAgain({ on, except }: RetryPolicy, kind: string): boolean {
  const matches = (pattern: string): boolean =>
    pattern.endsWith('*') ? kind.startsWith(pattern.slice(0, -1)) : kind === pattern;
  return (on === null || on.some(matches)) && !except.some(matches);
}

function growth(backoff: RetryPolicy['backoff'], attempt: number): number {
  if (backoff === 'fixed') return 1;
  return backoff === 'linear' ? attempt : 2 ** (attempt - 1);
}
