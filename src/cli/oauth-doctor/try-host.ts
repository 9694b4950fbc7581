import { createHash, randomBytes } from 'node:crypto';
import { ask, excerpt, type Fetch } from './ask.js';
import type { Findings } from '../../app/doctor/finding.js';
import type { KnownHost } from './known-hosts.js';
import type { AuthorizationServer } from './look-at-server.js';

/**
 * Does what a host does, up to the page on which a person signs in: it becomes known to the server, and opens that
 * page.
 */
export async function tryHost(
  fetchIt: Fetch,
  params: { readonly host: KnownHost; readonly server: AuthorizationServer; readonly resource: string },
  findings: Findings,
): Promise<void> {
  const { host, server } = params;
  const clientId = await becomeKnown(fetchIt, params, findings);
  if (clientId === null) return;
  const { reply, failure } = await ask(fetchIt, authorizationUrl({ ...params, clientId }));
  if (reply === null) return findings.add('fault', host.name, `${server.authorize} cannot be reached (${failure}).`);
  const isPage = reply.status === 200 && /text\/html/.test(reply.headers.get('content-type') ?? '');
  const goesOn = reply.status >= 300 && reply.status < 400 && !isBack(reply.headers.get('location'), host);
  if (!isPage && !goesOn) {
    const seen = reply.headers.get('location') ?? excerpt(reply);
    return findings.add(
      'fault',
      host.name,
      `The page to sign in on answers ${reply.status}: ${seen}. ${toMend(host, seen)}`,
    );
  }
  if (isPage && !isShielded(reply.headers)) {
    const message =
      'The page can be shown inside other pages: have the proxy pass on Content-Security-Policy and X-Frame-Options.';
    findings.add('warning', host.name, message);
  }
  findings.okUnlessTold(host.name, `gets to the page to sign in on, and back to ${host.redirectUri}`);
}

/** By its document, or by registering. */
async function becomeKnown(
  fetchIt: Fetch,
  { host, server }: { readonly host: KnownHost; readonly server: AuthorizationServer },
  findings: Findings,
): Promise<string | null> {
  if (host.document !== undefined) return host.document.client_id;
  if (server.register === null) return null;
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(host.registration),
  };
  const { reply, failure } = await ask(fetchIt, server.register, init);
  const clientId = reply?.json?.['client_id'];
  if (reply !== null && reply.status === 201 && typeof clientId === 'string') return clientId;
  const seen = reply === null ? failure : `${reply.status}: ${excerpt(reply)}`;
  if (reply?.status === 429) {
    findings.add(
      'warning',
      host.name,
      'It could not be tried: too many registrations from here within a minute. Try again later.',
    );
  } else
    findings.add(
      'fault',
      host.name,
      `Its registration is refused (${seen}). Have the proxy pass on POST of JSON to ${server.register}.`,
    );
  return null;
}

function authorizationUrl(params: {
  readonly host: KnownHost;
  readonly server: AuthorizationServer;
  readonly resource: string;
  readonly clientId: string;
}): string {
  const url = new URL(params.server.authorize);
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const asked = {
    response_type: 'code',
    client_id: params.clientId,
    redirect_uri: params.host.redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: randomBytes(16).toString('base64url'),
    scope: 'read run',
    resource: params.resource,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url.href;
}

/** A redirect to the host with an error is no page. */
function isBack(location: string | null, { redirectUri }: KnownHost): boolean {
  return location === null || location.startsWith(redirectUri);
}

function isShielded(headers: Headers): boolean {
  return (
    headers.get('x-frame-options') !== null || /frame-ancestors/.test(headers.get('content-security-policy') ?? '')
  );
}

function toMend({ document }: KnownHost, seen: string): string {
  if (seen.includes('error=invalid_target'))
    return 'The server does not know itself by this address: set ERRAND_PUBLIC_URL.';
  if (document !== undefined) return `Let the server fetch ${document.client_id}, through its proxy if it has one.`;
  return 'Have the proxy pass the query on as it is.';
}
