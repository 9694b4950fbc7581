import type { JsonObject } from '../../core/json.js';
import { ask, excerpt, type Fetch } from './ask.js';
import type { Findings } from '../../app/doctor/finding.js';
import { textsOf } from './look-at-address.js';

/** What an authorization server says of itself, as far as hosts go by it. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorize: string;
  readonly token: string;
  /** Null: clients cannot register. */
  readonly register: string | null;
  readonly takesDocuments: boolean;
}

/** Reads the server's metadata in each place where a host may look; null when there is none. */
export async function lookAtServer(
  fetchIt: Fetch,
  issuer: string,
  findings: Findings,
): Promise<AuthorizationServer | null> {
  const name = `server ${issuer}`;
  let found: JsonObject | null = null;
  const missing: string[] = [];
  for (const url of metadataPlaces(issuer)) {
    const { reply } = await ask(fetchIt, url);
    const json = reply?.status === 200 ? reply.json : null;
    if (json === null || typeof json['issuer'] !== 'string') missing.push(new URL(url).pathname);
    else found ??= json;
  }
  if (found === null) {
    findings.add('fault', name, `It has no metadata. Have the proxy pass on ${missing.join(', ')}.`);
    return null;
  }
  if (missing.length > 0) {
    findings.add('warning', name, `Some hosts look in vain at ${missing.join(', ')}: have the proxy pass it on.`);
  }
  checkMetadata(found, { issuer, name }, findings);
  const server = readServer(found, issuer);
  if (server === null) {
    findings.add('fault', name, 'Its metadata has no authorization_endpoint or token_endpoint.');
    return null;
  }
  await checkToken(fetchIt, server, findings);
  findings.okUnlessTold(name, 'has its metadata in every place, PKCE, public clients and registration');
  return server;
}

/** RFC 8414, section 3.1, and OpenID's discovery, behind the path and before it. */
function metadataPlaces(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const names = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
  return [
    ...new Set([...names.map((name) => origin + name + path), `${origin}${path}/.well-known/openid-configuration`]),
  ];
}

function checkMetadata(json: JsonObject, { issuer, name }: { issuer: string; name: string }, findings: Findings): void {
  const named = json['issuer'];
  if (named !== issuer) {
    findings.add(
      'fault',
      name,
      `It calls itself ${JSON.stringify(named)}: hosts refuse another name than ${issuer}. Set ERRAND_PUBLIC_URL.`,
    );
  }
  const lacks = (field: string, value: string): boolean => !textsOf(json[field]).includes(value);
  if (lacks('code_challenge_methods_supported', 'S256'))
    findings.add('fault', name, 'It does not announce PKCE (S256).');
  if (lacks('token_endpoint_auth_methods_supported', 'none')) {
    findings.add(
      'fault',
      name,
      'It announces no public clients ("none"): ChatGPT and the hosts on people’s machines are such.',
    );
  }
  if (typeof json['registration_endpoint'] !== 'string') {
    findings.add('fault', name, 'It takes no registrations: Cursor, Goose, Gemini CLI and others know no other way.');
  }
  if (json['client_id_metadata_document_supported'] !== true) {
    findings.add('warning', name, 'It takes no metadata documents: Claude and VS Code fall back on registration.');
  }
  if (json['authorization_response_iss_parameter_supported'] !== true) {
    findings.add('warning', name, 'It does not announce RFC 9207: ChatGPT then signs in as another client each time.');
  }
  const { protocol } = new URL(issuer);
  for (const field of ['authorization_endpoint', 'token_endpoint', 'registration_endpoint']) {
    const url = json[field];
    if (typeof url === 'string' && URL.canParse(url) && new URL(url).protocol !== protocol) {
      findings.add('fault', name, `${field} is ${url}, with another scheme than ${issuer}. Set ERRAND_PUBLIC_URL.`);
    }
  }
}

function readServer(json: JsonObject, issuer: string): AuthorizationServer | null {
  const { authorization_endpoint: authorize, token_endpoint: token, registration_endpoint: register } = json;
  if (typeof authorize !== 'string' || typeof token !== 'string') return null;
  const takesDocuments = json['client_id_metadata_document_supported'] === true;
  return { issuer, authorize, token, register: typeof register === 'string' ? register : null, takesDocuments };
}

/** A code that nobody has is refused in the words of OAuth; anything else has come from somewhere else. */
async function checkToken(fetchIt: Fetch, { token, issuer }: AuthorizationServer, findings: Findings): Promise<void> {
  const name = `server ${issuer}`;
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'none',
    client_id: 'none',
    code_verifier: 'none',
  });
  const { reply, failure } = await ask(fetchIt, token, { method: 'POST', body });
  if (reply !== null && typeof reply.json?.['error'] === 'string') return;
  const seen = reply === null ? failure : `${reply.status}: ${excerpt(reply)}`;
  findings.add(
    'fault',
    name,
    `${token} does not answer as a token endpoint (${seen}). Have the proxy pass on POST of forms to it.`,
  );
}
