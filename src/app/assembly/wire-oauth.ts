import { createBurstLimiter } from '../../auth/limits/rate-limit.js';
import { ClientAssertions } from '../../auth/oauth/client-assertions.js';
import { ClientDocuments, type FetchDocument } from '../../auth/oauth/client-documents.js';
import type { KnownClient } from '../../auth/oauth/known-clients.js';
import { PINNED_DOCUMENTS } from '../../auth/oauth/pinned-documents.js';
import { CompanySignIn, type CompanySettings } from '../../auth/oidc/company-sign-in.js';
import { IdentityAssertions } from '../../auth/oidc/identity-assertions.js';
import { tokenMaker } from '../../auth/oauth/tokens.js';
import type { Clock, NewId } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { OutboundFetch } from '../../core/ports/outbound.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';
import type { DerivedSecrets } from '../../core/ports/secret-box.js';
import type { Store } from '../../core/ports/store/store.js';
import type { OAuthParts } from '../../http/pipeline/oauth-parts.js';
import { createAuthorization } from '../../service/grants/authorization.js';
import type { KeyWatch } from '../../service/state/key-watch.js';
import { readTrustedProxies } from './trusted-proxies.js';

/** What an authorization server shares with the rest of the program. */
export interface SignInParts {
  readonly keyWatch: KeyWatch;
  readonly secrets: DerivedSecrets;
  readonly fetch: OutboundFetch;
}

interface WireParams {
  readonly signIn: SignInParts;
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly trustedProxies: readonly string[];
  /** None when not given. */
  readonly clients?: readonly KnownClient[];
  /** None when not given. */
  readonly company?: CompanySettings | null;
}

const MINUTE_MS = 60_000;
const LIMITS = { registrations: 20, signIns: 30, documents: 20, documentsOfHost: 60 };
const FETCH_MS = 5_000;
const MAX_DOCUMENT_BYTES = 32_768;

export function wireOAuth({
  signIn,
  store,
  clock,
  newId,
  logger,
  trustedProxies,
  company = null,
  clients = [],
}: WireParams): OAuthParts {
  const { keyWatch, secrets, fetch } = signIn;
  const perMinute = (limit: number) => createBurstLimiter({ clock, limit, windowMs: MINUTE_MS });
  const limits = { caller: perMinute(LIMITS.documents), host: perMinute(LIMITS.documentsOfHost) };
  let formKey: Buffer | null = null;
  return {
    authorization: createAuthorization({ store, tokens: tokenMaker, keyWatch, clock, newId }),
    ...wireClients({ fetch: fetchDocument(fetch), clock, logger, limits }),
    known: new Map(clients.map((client) => [client.id, client])),
    ...wireCompany(company, { fetch, clock, logger }),
    formKey: () => (formKey ??= secrets.derive('forms of the consent page')),
    limits: { registrations: perMinute(LIMITS.registrations), signIns: perMinute(LIMITS.signIns) },
    isTrustedProxy: readTrustedProxies(trustedProxies),
  };
}

/** What is fetched of clients: the documents about them and their keys. */
export function wireClients(params: {
  readonly fetch: FetchDocument;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: { readonly caller: RateLimiter; readonly host: RateLimiter };
}): Pick<OAuthParts, 'documents' | 'clientAssertions'> {
  const { fetch, clock, logger, limits } = params;
  return {
    documents: new ClientDocuments({ ...params, pinned: PINNED_DOCUMENTS }),
    clientAssertions: new ClientAssertions({ fetch, clock, logger, limit: limits.host }),
  };
}

function wireCompany(
  settings: CompanySettings | null,
  tools: { readonly fetch: OutboundFetch; readonly clock: Clock; readonly logger: Logger },
): Pick<OAuthParts, 'company' | 'assertions'> {
  if (settings === null) return { company: null, assertions: null };
  const company = new CompanySignIn({ settings, ...tools });
  const { issuer, access } = settings;
  return { company, assertions: new IdentityAssertions({ company, issuer, access, ...tools }) };
}

/** From hosts on the internet alone, as whoever asks chooses the address; where it leads is not followed. */
export function fetchDocument(fetch: OutboundFetch): FetchDocument {
  return async (url) => {
    const signal = AbortSignal.timeout(FETCH_MS);
    const headers = { accept: 'application/json' };
    const response = await fetch(url, { headers, redirect: 'error', signal, hosts: 'public' });
    const type = response.headers.get('content-type') ?? '';
    const isDocument = response.status === 200 && /^application\/([\w.-]+\+)?json\b/i.test(type);
    if (isDocument) return await readBounded(response);
    await response.body?.cancel();
    throw new Error(`it answers ${response.status} and ${type === '' ? 'no type' : type}`);
  };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw new Error(`it is longer than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
