import { ErrandError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';

/** What a webhook or a callback is told: https://www.standardwebhooks.com */
export interface WebhookMessage {
  /** The same for each attempt to deliver it: take each once. */
  readonly id: string;
  /** `run.completed`. */
  readonly type: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: JsonObject;
}

export interface VerifyWebhookParams {
  /** `whsec_…`; several where a message may be signed with any of them. */
  readonly secret: string | readonly string[];
  /** As it came: what was parsed and written again has another signature. */
  readonly body: string;
  readonly headers: Headers | { readonly [name: string]: string | readonly string[] | undefined };
  /** How old a message may be, and how far clocks may be apart; 300 when not given. */
  readonly toleranceSeconds?: number;
}

const PREFIX = 'whsec_';
const VERSION = 'v1,';
const TOLERANCE_SECONDS = 300;

/** What a message says that is signed with the secret, and not old. Rejects with `unauthenticated` for any other. */
export async function verifyWebhook(params: VerifyWebhookParams): Promise<WebhookMessage> {
  const { secret, body, headers, toleranceSeconds = TOLERANCE_SECONDS } = params;
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headerOf(headers, name));
  if (id === undefined || timestamp === undefined || signatures === undefined) throw refuse('it is not signed');
  const apart = Math.abs(Date.now() / 1_000 - Number(timestamp));
  if (!(apart <= toleranceSeconds)) throw refuse('it is too old, or the clocks are apart');
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const given = signatures
    .split(' ')
    .flatMap((one) => (one.startsWith(VERSION) ? decode(one.slice(VERSION.length)) : []));
  for (const one of typeof secret === 'string' ? [secret] : secret) {
    const key = await toKey(one);
    for (const signature of given) {
      // Takes as long whatever is wrong with it.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return { id, ...parse(body) };
    }
  }
  throw refuse('its signature is not of this secret');
}

function headerOf(headers: VerifyWebhookParams['headers'], name: string): string | undefined {
  const full = `webhook-${name}`;
  if (headers instanceof Headers) return headers.get(full) ?? undefined;
  const key = Object.keys(headers).find((each) => each.toLowerCase() === full);
  const value = key === undefined ? undefined : headers[key];
  return typeof value === 'string' ? value : value?.[0];
}

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

function toKey(secret: string): Promise<Key> {
  const [bytes] = secret.startsWith(PREFIX) ? decode(secret.slice(PREFIX.length)) : [];
  if (bytes === undefined || bytes.length === 0) {
    throw new ErrandError('invalid_input', 'The secret of a webhook begins with whsec_, and goes on in base64.');
  }
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

/** Base64 as bytes; nothing when it is none. */
function decode(text: string): Uint8Array<ArrayBuffer>[] {
  try {
    return [Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))];
  } catch {
    return [];
  }
}

function parse(body: string): Omit<WebhookMessage, 'id'> {
  return JSON.parse(body) as Omit<WebhookMessage, 'id'>;
}

function refuse(why: string): ErrandError {
  return new ErrandError('unauthenticated', `The message cannot be trusted: ${why}.`);
}
