import type { ConsoleSessions } from '../../auth/console/console-sessions.js';
import type { SignInLinks } from '../../auth/console/sign-in-links.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';

/** What the console is made of; a server without it has none. */
export interface ConsoleParts {
  readonly sessions: ConsoleSessions;
  readonly links: SignInLinks;
  /** The folder with the page and what it loads. */
  readonly folder: string;
  /** How often somebody may try to sign in, by their address. */
  readonly signIns: RateLimiter;
  /** Whether what an address says of whom it speaks for (`X-Forwarded-For`) is to be believed. */
  readonly isTrustedProxy: (address: string) => boolean;
}
