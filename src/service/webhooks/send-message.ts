import { errorMessage } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { OutboundFetch } from '../../core/ports/outbound.js';
import { parseRetryAfter } from '../../core/time/retry-after.js';
import type { DeliveryAttempt } from '../../core/webhooks/delivery.js';

/** What a receiver answered. */
export interface Sent extends Pick<DeliveryAttempt, 'status' | 'error' | 'answer'> {
  readonly isTaken: boolean;
  /** It wants no more. */
  readonly isGone: boolean;
  /** Nothing else would be taken there just now either. */
  readonly isDown: boolean;
  readonly retryAfterMs: number | null;
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 1_000;
const MAX_ERROR_LENGTH = 500;

interface Message {
  readonly fetch: OutboundFetch;
  readonly clock: Clock;
  readonly url: string;
  readonly payload: string;
  readonly headers: { readonly [name: string]: string };
  readonly signal: AbortSignal;
}

/** One attempt. Never rejects. Redirects are not followed: a message goes where it was meant to, or nowhere. */
export async function sendMessage(message: Message): Promise<Sent> {
  const { fetch, clock, url, payload, headers, signal } = message;
  const ending = new AbortController();
  const cancel = clock.schedule(TIMEOUT_MS, () => ending.abort(new Error('no answer within 15 seconds')));
  const stop = (): void => ending.abort(new Error('the server stops'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Errand' },
      body: payload,
      redirect: 'manual',
      signal: ending.signal,
      hosts: 'public',
    });
    const { status } = response;
    const answer = await readBeginning(response).catch(() => null);
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), clock.now());
    return { status, answer, error: describe(status), retryAfterMs, ...judge(status) };
  } catch (error) {
    const told = errorMessage(ending.signal.aborted ? ending.signal.reason : error).slice(0, MAX_ERROR_LENGTH);
    const failure = { status: null, answer: null, error: told.toWellFormed(), retryAfterMs: null };
    return { ...failure, isTaken: false, isGone: false, isDown: true };
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}

function judge(status: number): Pick<Sent, 'isTaken' | 'isGone' | 'isDown'> {
  return { isTaken: status >= 200 && status < 300, isGone: status === 410, isDown: status >= 500 || status === 429 };
}

function describe(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `it redirects (${status}), which is not followed: give the new address`;
  return `it answers ${status}`;
}

async function readBeginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8').toWellFormed();
}
