import { createServer } from 'node:http';
import type { ServerMetrics } from './metrics/server-metrics.js';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** An address of its own for whoever collects metrics: nothing else is served there, and no key is asked for. */
export async function serveMetrics(params: {
  readonly host: string;
  readonly port: number;
  readonly metrics: ServerMetrics;
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { host, port, metrics } = params;
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
    response.writeHead(found ? 200 : 404, { 'content-type': METRICS_TYPE, 'x-content-type-options': 'nosniff' });
    response.end(found ? metrics.render() : 'Only GET /metrics is served here.\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
