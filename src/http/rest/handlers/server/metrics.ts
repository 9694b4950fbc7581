import { API_PREFIX } from '../../../../api/endpoint.js';
import type { AppDeps } from '../../../pipeline/app-deps.js';
import { requireScope } from '../../../../service/use-case/require-scope.js';
import type { Routes } from '../../../pipeline/routes.js';

/** As Prometheus reads it. What goes on concerns all organizations: it is for operators. */
export function addMetrics(routes: Routes, { authenticate, metrics }: AppDeps): void {
  if (metrics === undefined) return;
  routes.add(
    '/metrics',
    {
      GET: async (exchange) => {
        requireScope(await authenticate(exchange.header('authorization'), API_PREFIX), 'operate');
        exchange.send(200, METRICS_FIELDS, metrics.render());
      },
    },
    { resource: API_PREFIX },
  );
}

const METRICS_FIELDS = Object.entries({
  'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}).flat();
