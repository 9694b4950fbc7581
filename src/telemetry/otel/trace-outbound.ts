import type { Outbound } from '../../core/ports/outbound.js';
import { aboutOutgoing, aboutStatus } from './trace/conventions.js';
import type { Propagation } from './trace/propagation.js';
import type { Tracer } from './trace/tracer.js';

/** The same way out; requests of work that is traced have spans, and tell whom they ask which trace they belong to. */
export function traceOutbound<O extends Outbound>(outbound: O, tracer: Tracer, propagation: Propagation): O {
  const fetch: Outbound['fetch'] = (url, init = {}) => {
    if (tracer.current() === null || !URL.canParse(String(url))) return outbound.fetch(url, init);
    const method = (init.method ?? 'GET').toUpperCase();
    return tracer.around(
      { about: aboutOutgoing(method, new URL(url)), kind: 'CLIENT' },
      () => {
        const place = tracer.current();
        const headers = new Headers(init.headers);
        for (const [name, value] of Object.entries(place === null ? {} : propagation.inject(place)))
          if (!headers.has(name)) headers.set(name, value);
        return outbound.fetch(url, { ...init, headers });
      },
      (span, { status }) => {
        span.set(aboutStatus(status));
        if (status >= 400) tracer.fail(span, String(status));
      },
    );
  };
  return { ...outbound, fetch };
}
