import type { Json } from '../../core/json.js';
import { NodeFailure, type NodeContext, type NodeKind } from '../../core/handlers/node-kind.js';
import { BrokenBody, ForbiddenAddress } from '../../core/ports/outbound.js';
import { buildRequest, type HttpRequest } from './http-request.js';
import { assertExpected, readResponse } from './http-response.js';
import { type HttpSettings, httpSettingsSchema } from './http-settings.js';

/** Makes one HTTP request; the output is `{ status, headers, body }`. */
export const httpKind: NodeKind = {
  kind: 'http',
  description: 'Makes an HTTP request.',
  seesSecrets: true,
  fields: {},
  withSchema: httpSettingsSchema,
  standIn: () => ({ status: 200, headers: {}, body: null }),
  execute: (context) => exchange(context.input as unknown as HttpSettings, context),
};

type Exchanger = Pick<NodeContext, 'fetch' | 'signal' | 'idempotencyKey' | 'parseJson'>;

/**
 * Makes a request and gives `{ status, headers, body }`. Throws a NodeFailure for what goes wrong, an unexpected status
 * included.
 */
export async function exchange(settings: HttpSettings, context: Exchanger): Promise<Json> {
  const request = buildRequest(settings, context.idempotencyKey);
  const response = await send(request, context);
  try {
    await assertExpected({ response, request, settings });
    return await readResponse({ response, request, settings, parseJson: context.parseJson });
  } catch (thrown) {
    throw thrown instanceof NodeFailure ? thrown : toFailure(thrown, request, context);
  }
}

async function send(request: HttpRequest, context: Exchanger): Promise<Response> {
  try {
    return await context.fetch(request.url, { ...request.init, signal: context.signal });
  } catch (thrown) {
    throw toFailure(thrown, request, context);
  }
}

/** An abort is passed on as what aborted it. */
function toFailure(thrown: unknown, request: HttpRequest, context: Exchanger): unknown {
  if (context.signal.aborted) return context.signal.reason;
  if (thrown instanceof ForbiddenAddress || thrown instanceof BrokenBody) {
    const { kind, message } = thrown;
    return new NodeFailure(`${request.told}: ${message}`, {
      kind,
      retryable: thrown instanceof BrokenBody,
      cause: thrown,
    });
  }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null;
  const reason = (code === null ? undefined : REASONS[code]) ?? 'the connection failed';
  const told = code === null ? reason : `${reason} (${code})`;
  return new NodeFailure(`${request.told}: ${told}`, { kind: 'network', cause: thrown });
}

const REASONS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
};
