import { ErrandError, isErrandError } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import type { AppDeps } from '../pipeline/app-deps.js';
import { baseUrl } from '../pipeline/bearer-challenge.js';
import { clientAddress } from '../pipeline/client-address.js';
import type { ConsoleParts } from '../pipeline/console-parts.js';
import { readJsonBody } from '../pipeline/json-body.js';
import type { Routes } from '../pipeline/routes.js';
import type { Exchange, HeaderFields } from '../transport/exchange.js';
import { sendEmpty, sendJson } from '../transport/replies.js';
import { authenticatePage, requireOwnPage } from './authenticate-page.js';
import { CONSOLE_PATH } from './paths.js';
import { endedSessionFields, sessionFields } from './session-cookie.js';

export type ConsoleDeps = AppDeps & { readonly console: ConsoleParts };

const MAX_BODY_BYTES = 4_096;

const SIGN_IN: JsonSchema = {
  type: 'object',
  properties: { key: { type: 'string', maxLength: 200 }, link: { type: 'string', maxLength: 200 } },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
};

type SignIn = { readonly key: string } | { readonly link: string };

/** Signing in and out, and who is signed in: `GET`, `POST` and `DELETE /console/session`. */
export function addSessionRoutes(routes: Routes, deps: ConsoleDeps): void {
  const { console: parts, publicUrl } = deps;
  const check = compileCheck<SignIn>(SIGN_IN, "The body's fields");
  routes.add(`${CONSOLE_PATH}/session`, {
    GET: async (exchange) => {
      const principal = await authenticatePage(exchange, parts, publicUrl).catch(nobodyWhenSignedOut);
      if (principal === null) sendJson(exchange, 'null');
      else await sendSession(exchange, principal, deps);
    },
    POST: async (exchange) => {
      const base = baseUrl(exchange, publicUrl);
      requireOwnPage(exchange, base);
      const taken = parts.signIns.take(clientAddress(exchange, parts.isTrustedProxy));
      if (!taken.ok) {
        const { retryAfterSeconds } = taken;
        throw new ErrandError('rate_limited', `Too many attempts. Try again in ${retryAfterSeconds} s.`, {
          retryAfterSeconds,
        });
      }
      const principal = await signIn(check(await readJsonBody(exchange, MAX_BODY_BYTES)), deps);
      const sealed = parts.sessions.begin(principal);
      await sendSession(exchange, (await parts.sessions.check(sealed)).principal, deps, sessionFields(sealed, base));
    },
    DELETE: async (exchange) => {
      const base = baseUrl(exchange, publicUrl);
      requireOwnPage(exchange, base);
      const principal = await authenticatePage(exchange, parts, publicUrl).catch(nobodyWhenSignedOut);
      if (principal !== null) await deps.oauth?.authorization.leaveConsole(principal);
      sendEmpty(exchange, 204, endedSessionFields(base));
    },
  });
}

/** To ask who is signed in is no fault of somebody who is not. */
function nobodyWhenSignedOut(thrown: unknown): null {
  if (isErrandError(thrown) && thrown.code === 'unauthenticated') return null;
  throw thrown;
}

async function signIn(given: SignIn, { authenticate, console: { links } }: ConsoleDeps): Promise<Principal> {
  if ('link' in given) {
    const principal = links.use(given.link);
    if (principal !== null) return principal;
    throw new ErrandError('unauthenticated', 'This link was used or has expired. Sign in with a key.');
  }
  try {
    return await authenticate(`Bearer ${given.key.trim()}`, CONSOLE_PATH);
  } catch (thrown) {
    if (!isErrandError(thrown) || thrown.code !== 'unauthenticated') throw thrown;
    throw new ErrandError('unauthenticated', 'This is no valid API key: it is unknown, expired or revoked.');
  }
}

async function sendSession(
  exchange: Exchange,
  principal: Principal,
  { console: { sessions }, version }: ConsoleDeps,
  headers?: HeaderFields,
): Promise<void> {
  const { key, person, organization } = await sessions.describeOwner(principal);
  const session = {
    organization: { slug: organization.slug, name: organization.name },
    key: key === null ? null : { name: key.name, hint: key.hint },
    person,
    scopes: principal.scopes,
    expires_at: new Date(principal.expiresAt ?? 0).toISOString(),
    version,
  };
  sendJson(exchange, JSON.stringify(session), 200, headers);
}
