import type { Outbound } from '../../core/ports/outbound.js';
import { aboutOutgoing, aboutStatus } from './conventions.js';
import type { Otel } from './otel.js';
import type { Tracer } from './tracer.js';

/** The same way out; requests of work that is traced have spans, and tell whom they ask which trace they belong to. */
export function traceOutbound<O extends Outbound>(outbound: O, otel: Otel, tracer: Tracer): O {
  const { context, propagation } = otel.api;
  const fetch: Outbound['fetch'] = (url, init = {}) => {
    if (tracer.current() === null || !URL.canParse(String(url))) return outbound.fetch(url, init);
    const method = (init.method ?? 'GET').toUpperCase();
    return tracer.around(
      { about: aboutOutgoing(method, new URL(url)), kind: 'CLIENT' },
      () => {
        const carrier: { [name: string]: string } = {};
        // What a caller told this server is not told on to others.
        propagation.inject(propagation.deleteBaggage(context.active()), carrier);
        const headers = new Headers(init.headers);
        for (const [name, value] of Object.entries(carrier)) if (!headers.has(name)) headers.set(name, value);
        return outbound.fetch(url, { ...init, headers });
      },
      (span, { status }) => {
        span.setAttributes(aboutStatus(status));
        if (status >= 400) tracer.fail(span, String(status));
      },
    );
  };
  return { ...outbound, fetch };
}
