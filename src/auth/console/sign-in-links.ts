import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports/clock.js';
import type { Principal } from '../../core/tenant/principal.js';

/** How long a link can be used that nobody has used. */
export const LINK_MS = 3_600_000;

/** Tokens that sign somebody in once, whom this process knows already. */
export class SignInLinks {
  readonly #clock: Pick<Clock, 'now'>;
  /** By the SHA-256 of the token. */
  readonly #made = new Map<string, { readonly principal: Principal; readonly expiresAt: number }>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  make(principal: Principal): string {
    const token = randomBytes(32).toString('base64url');
    this.#made.set(hashOf(token), { principal, expiresAt: this.#clock.now() + LINK_MS });
    return token;
  }

  /** Null when it was used, has expired or was never made. */
  use(token: string): Principal | null {
    const hash = hashOf(token);
    const found = this.#made.get(hash);
    this.#made.delete(hash);
    return found === undefined || found.expiresAt <= this.#clock.now() ? null : found.principal;
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
