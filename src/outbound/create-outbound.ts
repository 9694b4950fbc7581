import { setMaxListeners } from 'node:events';
import type { HostRange, Outbound, OutboundInit } from '../core/ports/outbound.js';
import { Guard, type Lookup } from './guard.js';
import type { HostRule } from './host-rules.js';
import type { Proxies } from './proxies.js';
import { isRedirect, redirected, toRequest } from './request.js';
import { toResponse } from './to-response.js';
import { Way } from './way.js';

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

const MOST_REDIRECTS = 20;

/** The only way out of this process over HTTP. */
export function createOutbound({ hosts, allow, proxies, lookup }: OutboundOptions): OpenOutbound {
  const wayTo = (range: HostRange): Way => new Way({ guard: new Guard({ range, allow, lookup }), proxies });
  const ways = { any: wayTo('any'), public: wayTo('public') };
  return {
    fetch: (url, init = {}) => follow(hosts === 'public' ? ways.public : ways[init.hosts ?? 'any'], url, init),
    close: async () => {
      await Promise.all([ways.any.close(), ways.public.close()]);
    },
  };
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
    if (redirects === MOST_REDIRECTS) throw new TypeError(`it redirects more than ${MOST_REDIRECTS} times`);
    request = redirected(request, answer.status, location);
  }
}
