import { createHmac, randomBytes } from 'node:crypto';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { SigningSecret, Webhook } from '../../core/webhooks/webhook.js';

/** As Standard Webhooks (https://www.standardwebhooks.com) has it, and its libraries check it. */
const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export function newSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

type Owner = Pick<Webhook, 'id' | 'organizationId'>;

/** What a secret is sealed for: moved to another row it cannot be opened. */
const placeOf = ({ id, organizationId }: Owner): string => `webhooks/${organizationId}/${id}`;

export function sealSigningSecret(box: SecretBox, secret: string, owner: Owner, createdAt: number): SigningSecret {
  return { sealed: box.seal(secret, placeOf(owner)), createdAt, expiresAt: null };
}

export function openSigningSecret(box: SecretBox, { sealed }: SigningSecret, owner: Owner): string {
  return box.open(sealed, placeOf(owner));
}

/** The headers of a message: one signature for each secret that is valid just now. */
export function signMessage(params: {
  readonly id: string;
  readonly now: number;
  readonly payload: string;
  readonly secrets: readonly string[];
}): { readonly [name: string]: string } {
  const { id, now, payload, secrets } = params;
  const timestamp = String(Math.floor(now / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

export function validSecrets({ secrets }: Pick<Webhook, 'secrets'>, now: number): readonly SigningSecret[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}
