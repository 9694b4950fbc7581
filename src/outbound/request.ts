import type { OutboundInit } from '../core/ports/outbound.js';

/** One request, whole: a redirect may ask for it to be sent again. */
export interface OutboundRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | null;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

export async function toRequest(
  address: string | URL,
  init: Pick<OutboundInit, 'method' | 'headers' | 'body'>,
): Promise<OutboundRequest> {
  const url = new URL(address);
  assertWeb(url);
  const method = (init.method ?? 'GET').toUpperCase();
  const headers = new Headers(init.headers);
  takeCredentials(url, headers);
  const { body = null } = init;
  if (body === null) return { url, method, headers, body };
  if (method === 'GET' || method === 'HEAD') throw new TypeError(`a ${method} request has no body`);
  if (typeof body === 'string' || body instanceof Uint8Array) {
    if (typeof body === 'string' && !headers.has('content-type')) {
      headers.set('content-type', 'text/plain;charset=UTF-8');
    }
    return { url, method, headers, body };
  }
  // Forms and their like say themselves what they are.
  const whole = new Response(body);
  const type = whole.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return { url, method, headers, body: new Uint8Array(await whole.arrayBuffer()) };
}

/** What a redirect asks for. Throws when it leads to what is no address. */
export function redirected(request: OutboundRequest, status: number, location: string): OutboundRequest {
  if (!URL.canParse(location, request.url.href)) throw new TypeError('it redirects to what is no address');
  const url = new URL(location, request.url);
  assertWeb(url);
  url.username = '';
  url.password = '';
  const { method, body } = request;
  // RFC 9110, 15.4: as browsers do, a POST that was moved becomes a GET.
  const becomesGet = status === 303 ? method !== 'HEAD' : status <= 302 && method === 'POST';
  const next = becomesGet ? { method: 'GET', body: null } : { method, body };
  return { url, ...next, headers: headersFor(request, url, next.body !== null) };
}

/** Another origin gets nothing that was meant for the first one, but what its body is. */
function headersFor({ url, headers }: OutboundRequest, target: URL, hasBody: boolean): Headers {
  const isSame = url.origin === target.origin;
  const kept = [...headers].filter(([name]) =>
    name.startsWith('content-') ? hasBody && (isSame || name === 'content-type') : isSame,
  );
  return new Headers(kept);
}

function assertWeb({ protocol }: URL): void {
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new TypeError(`only http: and https: addresses can be asked, not ${protocol}`);
  }
}

/** A user and password in the address are sent as what they stand for. */
function takeCredentials(url: URL, headers: Headers): void {
  const { username, password } = url;
  if (username === '' && password === '') return;
  url.username = '';
  url.password = '';
  if (headers.has('authorization')) return;
  const plain = `${decode(username)}:${decode(password)}`;
  headers.set('authorization', `Basic ${Buffer.from(plain, 'utf8').toString('base64')}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
