import type { Hook } from '../../core/hooks/hook.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { SigningSecret } from '../../core/webhooks/webhook.js';

type Owner = Pick<Hook, 'id' | 'organizationId'>;

/** What a secret is sealed for: moved to another row it cannot be opened. */
const placeOf = ({ id, organizationId }: Owner): string => `hooks/${organizationId}/${id}`;

export function sealHookSecret(box: SecretBox, secret: string, owner: Owner, createdAt: number): SigningSecret {
  return { sealed: box.seal(secret, placeOf(owner)), createdAt, expiresAt: null };
}

/** Those that deliveries may be signed with just now. */
export function openHookSecrets(box: SecretBox, hook: Hook, now: number): readonly string[] {
  return hook.secrets
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map(({ sealed }) => box.open(sealed, placeOf(hook)));
}
