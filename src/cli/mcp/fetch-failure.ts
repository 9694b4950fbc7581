/** With these the request may have been sent, and acted upon. */
const MAYBE_SENT: readonly string[] = [
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
];

const IN_WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up just now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ECONNRESET: 'connection reset',
  UND_ERR_SOCKET: 'connection closed',
};

export function isNeverSent(error: unknown): boolean {
  return !MAYBE_SENT.includes(readCode(error));
}

/** What fetch hides behind "fetch failed", in words. */
export function describeCause(error: unknown): string {
  const code = readCode(error);
  if (code !== '') return Object.hasOwn(IN_WORDS, code) ? (IN_WORDS[code] ?? code) : code;
  const reason = innermost(error);
  return reason instanceof Error ? reason.message : String(reason);
}

function readCode(error: unknown): string {
  const reason = innermost(error);
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : '';
}

function innermost(error: unknown): unknown {
  let reason = error;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  return reason instanceof AggregateError ? (reason.errors[0] as unknown) : reason;
}
