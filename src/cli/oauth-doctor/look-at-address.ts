import type { Json } from '../../core/json.js';
import { ask, excerpt, type Fetch, type Reply } from './ask.js';
import type { Findings } from '../../app/doctor/finding.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
/** Claude.ai and others give up soon; answers to discovery take milliseconds. */
const SLOW_MS = 1_000;

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'errand doctor', version: '1' } },
};

/** What a host learns at the address before it knows anything: the challenge, and the metadata that it names. */
export interface Address {
  readonly url: string;
  /** The issuers that the metadata names; empty when there is no way on. */
  readonly issuers: readonly string[];
}

/** Asks the address without a token, with and without a final slash, and reads the metadata that a 401 leads to. */
export async function lookAtAddress(fetchIt: Fetch, url: string, findings: Findings): Promise<Address> {
  const issuers = new Set<string>();
  for (const typed of bothEndings(url)) {
    const challenge = await readChallenge(fetchIt, typed, findings);
    if (challenge === null) continue;
    for (const issuer of await readMetadata(fetchIt, { typed, challenge }, findings)) issuers.add(issuer);
  }
  return { url, issuers: [...issuers] };
}

/** As people type it: some add a slash, and hosts hold `resource` against what was typed. */
function bothEndings(url: string): readonly string[] {
  const plain = url.replace(/\/+$/, '');
  return url.endsWith('/') ? [`${plain}/`, plain] : [plain, `${plain}/`];
}

/** The address of the metadata that the 401 names; null when there is none. */
async function readChallenge(fetchIt: Fetch, url: string, findings: Findings): Promise<string | null> {
  const name = `address ${url}`;
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const { reply, failure } = await ask(fetchIt, url, { method: 'POST', headers, body: JSON.stringify(INITIALIZE) });
  if (reply === null) {
    findings.add('fault', name, `It cannot be reached (${failure}). Check the name, the port and the certificate.`);
    return null;
  }
  const challenge = reply.headers.get('www-authenticate') ?? '';
  const named = /resource_metadata="([^"]+)"/.exec(challenge)?.[1];
  if (reply.status !== 401 || named === undefined) {
    findings.add('fault', name, whyNoChallenge(reply, challenge));
    return null;
  }
  if (reply.ms > SLOW_MS) findings.add('warning', name, slow(reply));
  if (reply.headers.get('mcp-session-id') !== null) {
    findings.add('warning', name, 'The 401 carries a session id, which Errand never sends: something else answers.');
  }
  findings.okUnlessTold(name, `answers 401 and names ${named}`);
  return named;
}

function whyNoChallenge(reply: Reply, challenge: string): string {
  const { status, headers } = reply;
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) {
    return `It redirects to ${location}. Hosts do not follow that with a POST: give them the final address, or have the proxy pass it on.`;
  }
  if (status === 401 && /^basic/i.test(challenge)) {
    return 'A proxy asks for a password of its own (Basic). Let the paths of Errand through without one: hosts cannot give it.';
  }
  if (status === 401 && challenge.includes('realm="API keys of Errand"')) {
    return 'This address is for API keys alone. To sign in, hosts need /mcp instead of /mcp/key.';
  }
  if (status === 401 && challenge === '') {
    return 'The 401 has no WWW-Authenticate header. Have the proxy pass that header on.';
  }
  if (status === 401) return `The 401 names no metadata (${challenge}). Signing in may be off: ERRAND_OAUTH.`;
  if (status === 403) {
    return `It answers 403: ${excerpt(reply)}. Set ERRAND_PUBLIC_URL to the address that clients use, or name the host in ERRAND_ALLOWED_HOSTS.`;
  }
  if (status === 404)
    return 'Nothing is served there. The address ends in /mcp, behind the path of the proxy if there is one.';
  if (status === 405) return 'POST is not allowed there. Have the proxy pass on POST, GET and OPTIONS.';
  if (status >= 500) return `It answers ${status}: ${excerpt(reply)}. The proxy may not reach Errand.`;
  return `It answers ${status} to who has no token, where it should be 401: ${excerpt(reply)}.`;
}

async function readMetadata(
  fetchIt: Fetch,
  { typed, challenge }: { readonly typed: string; readonly challenge: string },
  findings: Findings,
): Promise<readonly string[]> {
  const name = `metadata of ${typed}`;
  const [own, named] = [new URL(typed), new URL(challenge, typed)];
  if (own.origin !== named.origin) {
    findings.add(
      'fault',
      name,
      `The 401 leads to ${named.origin}, which is not ${own.origin}. Set ERRAND_PUBLIC_URL to the address that clients use, scheme and all.`,
    );
  }
  const inserted = own.origin + WELL_KNOWN + own.pathname;
  const issuers = new Set<string>();
  // Some hosts follow the challenge, others look where RFC 9728 puts it.
  for (const url of new Set([named.href, inserted])) {
    const { reply, failure } = await ask(fetchIt, url, { headers: { origin: pageOf(own) } });
    const resource = reply?.json?.['resource'];
    if (reply === null || reply.status !== 200 || typeof resource !== 'string') {
      const seen = reply === null ? failure : `${reply.status}: ${excerpt(reply)}`;
      findings.add('fault', name, `${url} has no metadata (${seen}). Have the proxy pass on ${new URL(url).pathname}.`);
      continue;
    }
    if (reply.ms > SLOW_MS) findings.add('warning', name, slow(reply));
    if (resource !== typed) {
      findings.add(
        'fault',
        name,
        `It is about ${resource}, and hosts hold that against ${typed}: set ERRAND_PUBLIC_URL.`,
      );
    }
    if (reply.headers.get('access-control-allow-origin') === null) {
      findings.add(
        'warning',
        name,
        `Web pages may not read ${url}: have the proxy pass on OPTIONS and the CORS headers.`,
      );
    }
    for (const issuer of textsOf(reply.json?.['authorization_servers'])) issuers.add(issuer);
  }
  if (issuers.size === 0)
    findings.add('fault', name, 'It names no authorization server. Signing in is off: ERRAND_OAUTH.');
  findings.okUnlessTold(name, `is about ${typed} and names ${[...issuers].join(', ')}`);
  return [...issuers];
}

/** A page that reads metadata: of a host on the web, or of the inspector, which runs where the server does. */
function pageOf({ hostname }: URL): string {
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return isLoopback ? 'http://localhost:6274' : 'https://claude.ai';
}

function slow({ url, ms }: Reply): string {
  return `${url} took ${ms} ms. Hosts give up soon: look for what delays it, a proxy that sleeps or a name that is slow to resolve.`;
}

export function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
