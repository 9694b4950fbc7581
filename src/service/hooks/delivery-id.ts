import { createHash } from 'node:crypto';
import { ErrandError } from '../../core/errors.js';
import type { Hook } from '../../core/hooks/hook.js';
import { isJsonObject, type Json } from '../../core/json.js';
import type { DeliveryView } from './read-delivery.js';

/**
 * What tells a delivery apart where the hook does not say: the id that the sender gives it. Null: each request is a
 * delivery of its own.
 */
export function defaultDeliveryId({ signature }: Pick<Hook, 'signature'>, view: DeliveryView): string | null {
  const { headers, body, body_hash: bodyHash } = view;
  const inBody = (name: string): string | null => {
    const value: Json | undefined = isJsonObject(body) ? body[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  switch (signature.kind) {
    case 'github':
      return headers['x-github-delivery'] ?? bodyHash;
    case 'stripe':
      return inBody('id') ?? bodyHash;
    case 'slack':
      return inBody('event_id') ?? bodyHash;
    default:
      return headers['webhook-id'] ?? headers['svix-id'] ?? headers['idempotency-key'] ?? null;
  }
}

/** What a template made, as the text that it stands for. */
export function toDeliveryId(value: Json): string {
  if (value !== null && value !== '') return typeof value === 'string' ? value : JSON.stringify(value);
  const message = 'The delivery has nothing where this hook looks for its id (delivery_id).';
  throw new ErrandError('invalid_input', message);
}

/** The idempotency key of a delivery's run: of any length of id. */
export function runKeyOf({ id }: Pick<Hook, 'id'>, deliveryId: string): string {
  return `hook ${id} ${createHash('sha256').update(deliveryId).digest('hex')}`;
}
