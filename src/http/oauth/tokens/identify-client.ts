import { ASSERTION_TYPE } from '../../../auth/oauth/client-assertions.js';
import { isDocumentId } from '../../../auth/oauth/client-documents.js';
import { baseUrl } from '../../pipeline/bearer-challenge.js';
import type { Exchange } from '../../transport/exchange.js';
import { findClient } from '../page/find-client.js';
import { readBasic } from '../request/basic.js';
import type { OAuthDeps } from '../request/oauth-deps.js';
import { sendOAuthError, sendTooMany } from '../request/oauth-error.js';
import type { Parameters } from '../request/parameters.js';
import { OAUTH_PATHS } from '../request/paths.js';

export interface IdentifiedClient {
  readonly clientId: string;
  /** Whether it has proved itself with its key. */
  readonly isSigned: boolean;
}

const PUBLIC = 'Clients here are public: "client_id" in the body is all that they send of themselves. Or they sign.';
const REFUSED =
  'The client_assertion is not accepted: it must be signed with a key of the client, name it as "iss" and "sub" and this server as "aud", end within an hour ("exp"), and be used once ("jti").';

/** Which client asks for tokens; null when it was refused, which it has been told. */
export async function identifyClient(
  exchange: Exchange,
  form: Parameters,
  deps: OAuthDeps,
): Promise<IdentifiedClient | null> {
  const refuse = (message: string): null => {
    sendOAuthError(exchange, { error: 'invalid_client', message, status: 401 });
    return null;
  };
  const assertion = form.get('client_assertion');
  const type = form.get('client_assertion_type');
  if (assertion === null && type === null) {
    const clientId = readClientId(exchange, form);
    return clientId === null ? refuse(PUBLIC) : { clientId, isSigned: false };
  }
  if (assertion === null || type !== ASSERTION_TYPE) {
    return refuse(`A client_assertion must be there, with the client_assertion_type ${ASSERTION_TYPE}.`);
  }
  if (readBasic(exchange) !== null || form.get('client_secret') !== null) {
    return refuse('A client authenticates in one way: with a client_assertion, or with a secret.');
  }
  const clientId = form.get('client_id') ?? readSubject(assertion);
  if (clientId === null) return refuse(REFUSED);
  // Who registered was told to be public, and signs for nothing.
  if (!isDocumentId(clientId)) return { clientId, isSigned: false };
  const isSigned = await checkAssertion(exchange, { assertion, clientId }, deps);
  if (isSigned === 'answered') return null;
  return isSigned === 'refused' ? refuse(REFUSED) : { clientId, isSigned: isSigned === 'signed' };
}

/**
 * `unsigned`: of a client that need not sign, or whose document or keys cannot be had. It goes on as a public one, which
 * is of use to those alone that may be.
 */
async function checkAssertion(
  exchange: Exchange,
  { assertion, clientId }: { readonly assertion: string; readonly clientId: string },
  deps: OAuthDeps,
): Promise<'signed' | 'unsigned' | 'refused' | 'answered'> {
  const { clientAssertions, authorization } = deps.oauth;
  const found = await findClient(clientId, { exchange, deps });
  if (found.kind === 'refused') {
    const seconds = found.headers['retry-after'];
    if (seconds === undefined) return 'unsigned';
    sendTooMany(exchange, Number(seconds));
    return 'answered';
  }
  const { client } = found;
  if (client.signing === null) return 'unsigned';
  const base = baseUrl(exchange, deps.publicUrl);
  const audiences = [base, `${base}/`, base + OAUTH_PATHS.token];
  const read = await clientAssertions.read(assertion, { client, signing: client.signing, audiences });
  if (read.kind !== 'signed') return read.kind === 'unknown' ? 'unsigned' : 'refused';
  const { id, expiresAt } = read;
  return (await authorization.useAssertion({ clientId, id, expiresAt })) ? 'signed' : 'refused';
}

/** Of a public client, also where it stands in a header of HTTP's basic authentication without a password. */
function readClientId(exchange: Exchange, form: Parameters): string | null {
  const basic = readBasic(exchange);
  const given = form.get('client_id');
  if (basic === null) return form.get('client_secret') === null ? given : null;
  return basic.secret === '' && (given === null || given === basic.id) ? basic.id : null;
}

/** Whom an assertion speaks for, before anything of it is believed. */
function readSubject(assertion: string): string | null {
  try {
    const text = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { sub } = JSON.parse(text) as { readonly sub?: unknown };
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
}
