import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { ACCEPT_ENCODING } from './decode-body.js';
import type { Guard } from './guard.js';
import { placeOf } from './host-rules.js';
import type { Proxies } from './proxies.js';
import type { OutboundRequest } from './request.js';
import type { Answer } from './to-response.js';

/** How long opening a connection may take. Answers may take as long as the caller waits. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Headers that are sent where none of that name are given. */
const DEFAULT_HEADERS = { accept: '*/*', 'accept-encoding': ACCEPT_ENCODING, 'user-agent': 'errand' };

/**
 * Connections that one guard has checked, and that are kept for further requests under the same guard. Those to proxies
 * are not checked: the operator has named the proxies.
 */
export class Way {
  readonly #guard: Guard;
  readonly #proxies: Proxies | null;
  readonly #direct: Agent;
  readonly #throughProxies = new Map<string, ProxyAgent>();

  constructor(params: { readonly guard: Guard; readonly proxies: Proxies | null }) {
    const { guard, proxies } = params;
    this.#guard = guard;
    this.#proxies = proxies;
    this.#direct = new Agent({
      factory: (origin) =>
        new Pool(origin, {
          connect: { lookup: guard.lookupFor(placeOf(new URL(origin))), timeout: CONNECT_TIMEOUT_MS },
        }),
    });
  }

  /** Sends it once. Throws a ForbiddenAddress, what aborted the signal, or what went wrong on the way. */
  async send(request: OutboundRequest, signal: AbortSignal | null): Promise<Answer> {
    const { url, method, headers, body } = request;
    const dispatcher = await this.#dispatcherFor(url);
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...DEFAULT_HEADERS, ...Object.fromEntries(headers) },
      body,
      signal,
      responseHeaders: 'raw',
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const { statusCode: status, body: answered } = answer;
    // Whoever reads it is told what breaks it; when nobody does, that ends no process.
    answered.on('error', () => undefined);
    // Through a proxy there is none, whatever the types say.
    const statusText = (answer as { readonly statusText?: string }).statusText ?? '';
    return { status, statusText, headers: toHeaders(answer.headers), body: answered };
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#throughProxies.values()].map((agent) => agent.destroy()));
  }

  async #dispatcherFor(url: URL): Promise<Dispatcher> {
    const place = placeOf(url);
    this.#guard.assertHost(place);
    const proxy = this.#proxies?.of(url) ?? null;
    if (proxy === null) return this.#direct;
    await this.#guard.assertName(place);
    const known = this.#throughProxies.get(proxy.href);
    if (known !== undefined) return known;
    const agent = new ProxyAgent({ uri: proxy.href, proxyTunnel: false });
    this.#throughProxies.set(proxy.href, agent);
    return agent;
  }
}

/** Names and values in turn, as they came: a name may come more than once. */
function toHeaders(raw: unknown): Headers {
  const headers = new Headers();
  const texts = raw as readonly string[];
  for (let at = 0; at + 1 < texts.length; at += 2) headers.append(texts[at] ?? '', texts[at + 1] ?? '');
  return headers;
}
