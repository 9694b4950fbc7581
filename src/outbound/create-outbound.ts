import { setMaxListeners } from 'node:events';
import type { HostRange, Outbound, OutboundInit } from '../core/ports/outbound.js';
import { Guard, type Lookup } from './guard.js';
import type { HostRule } from './host-rules.js';
import type { Proxies } from './proxies.js';
import { isRedirect, redirected, toRequest } from './request.js';
import { toResponse } from './to-response.js';
import type { Way } from './way.js';

export interface OutboundOptions {
  /** Where requests may go that do not say so themselves. */
  readonly hosts: HostRange;
  /** Where they may go all the same. */
  readonly allow: readonly HostRule[];
  readonly proxies: Proxies | null;
  /** The system's when not given. */
  readonly lookup?: Lookup;
}

export interface OpenOutbound extends Outbound {
  /** Ends all connections. */
  close(): Promise<void>;
}

const MAX_REDIRECTS = 20;

/** The only way out of this process over HTTP. */
export function createOutbound({ hosts, allow, proxies, lookup }: OutboundOptions): OpenOutbound {
  const ways = new Map<HostRange, Promise<Way>>();
  const wayTo = (range: HostRange): Promise<Way> => {
    const way = ways.get(range) ?? openWay({ guard: new Guard({ range, allow, lookup }), proxies });
    ways.set(range, way);
    return way;
  };
  return {
    fetch: async (url, init = {}) =>
      follow(await wayTo(hosts === 'public' ? 'public' : (init.hosts ?? 'any')), url, init),
    close: async () => {
      await Promise.all([...ways.values()].map(async (way) => (await way).close()));
    },
  };
}

/** The HTTP client is loaded for the first request: it takes a tenth of a second and 20 MB. */
async function openWay(params: ConstructorParameters<typeof Way>[0]): Promise<Way> {
  const loaded = await import('./way.js');
  return new loaded.Way(params);
}

async function follow(way: Way, address: string | URL, init: OutboundInit): Promise<Response> {
  const { redirect = 'follow', signal = null } = init;
  // A node may ask many at once under its one signal; Node takes more than ten listeners for a leak.
  if (signal !== null) setMaxListeners(0, signal);
  let request = await toRequest(address, init);
  for (let redirects = 0; ; redirects += 1) {
    signal?.throwIfAborted();
    const answer = await way.send(request, signal);
    const location = isRedirect(answer.status) && redirect !== 'manual' ? answer.headers.get('location') : null;
    if (location === null) {
      return toResponse({ answer, url: request.url, method: request.method, redirected: redirects > 0 });
    }
    // What a redirect says beside its address is not waited for.
    answer.body.destroy();
    if (redirect === 'error') throw new TypeError('it redirects, which was not wanted');
    if (redirects === MAX_REDIRECTS) throw new TypeError(`it redirects more than ${MAX_REDIRECTS} times`);
    request = redirected(request, answer.status, location);
  }
}
