import type { HeaderFields } from '../transport/exchange.js';

/** What a page may read of an answer, beside what every page may. */
const EXPOSED = [
  'WWW-Authenticate',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Allow',
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'Idempotency-Replayed',
  'traceparent',
].join(', ');

/**
 * What clients of MCP and of the REST API send. Whatever else a browser asks for is allowed too: see `preflightFields`.
 */
const REQUEST_HEADERS = [
  'Accept',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Protocol-Version',
  'Mcp-Session-Id',
  'traceparent',
  'tracestate',
];

/** How long a browser may keep the answer to a preflight request, in seconds; most keep none longer than two hours. */
const MAX_AGE = '7200';

/** On every answer to a page. Nothing is said of credentials, so browsers send no cookies for it. */
export function originFields(allowed: string): HeaderFields {
  return {
    'access-control-allow-origin': allowed,
    'access-control-expose-headers': EXPOSED,
    ...(allowed === '*' ? {} : { vary: 'Origin' }),
  };
}

/**
 * What the answer to OPTIONS says of the request that a browser means to make; nothing when it is no browser that asks.
 * A request header says nothing that a page could not say in a body, so those that are asked for are allowed:
 * `Mcp-Param-*` has a name for each parameter of a tool.
 */
export function preflightFields(header: (name: string) => string | undefined, methods: string): HeaderFields {
  if (header('access-control-request-method') === undefined) return {};
  const known = new Set(REQUEST_HEADERS.map((name) => name.toLowerCase()));
  const others = (header('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => /^[a-z0-9-]{1,100}$/.test(name) && !known.has(name));
  return {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': [...REQUEST_HEADERS, ...new Set(others)].join(', '),
    'access-control-max-age': MAX_AGE,
  };
}
