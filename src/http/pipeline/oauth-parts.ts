import type { ClientAssertions } from '../../auth/oauth/client-assertions.js';
import type { ClientDocuments } from '../../auth/oauth/client-documents.js';
import type { KnownClient } from '../../auth/oauth/known-clients.js';
import type { CompanySignIn } from '../../auth/oidc/company-sign-in.js';
import type { IdentityAssertions } from '../../auth/oidc/identity-assertions.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';
import type { Authorization } from '../../service/interface/authorization.js';

/** What the authorization server is made of; a server without it takes API keys only. */
export interface OAuthParts {
  readonly authorization: Authorization;
  readonly documents: ClientDocuments;
  readonly clientAssertions: ClientAssertions;
  /** Clients that whoever runs the server has named, by their ids. */
  readonly known: ReadonlyMap<string, KnownClient>;
  /** Null: people sign in with keys alone. */
  readonly company: CompanySignIn | null;
  /** Null without a company. */
  readonly assertions: IdentityAssertions | null;
  /** What the forms of the consent page are signed with; the same in every process. */
  readonly formKey: () => Buffer;
  /** By the address of who asks. */
  readonly limits: { readonly registrations: RateLimiter; readonly signIns: RateLimiter };
  /** Whether what an address says of whom it speaks for (`X-Forwarded-For`) is to be believed. */
  readonly isTrustedProxy: (address: string) => boolean;
}
