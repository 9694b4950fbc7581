import type { Clock } from '../../../src/core/ports/clock.js';
import type { WorkflowRecord } from '../../../src/core/workflow/definition.js';
import { ErrandError } from '../../../src/core/errors.js';
import { silentLogger } from '../../../src/core/ports/logger.js';
import type { RateLimiter } from '../../../src/core/ports/rate-limiter.js';
import type { AppDeps } from '../../../src/http/pipeline/app-deps.js';
import { createApp } from '../../../src/http/create-app.js';
import { serve, type Timeouts } from '../../../src/http/serve.js';
import { nodeClock } from '../../../src/app/process/node-clock.js';
import { openRecordedServices } from '../runs/recorded-services.js';
import { sampleWorkflow } from '../runs/sample-records.js';

export const KEY_A = `sk_live_${'a'.repeat(32)}`;
export const KEY_B = `sk_live_${'b'.repeat(32)}`;

const NO_LIMIT: RateLimiter = { take: () => ({ ok: true }) };

/** Lets so many calls through, whoever makes them. */
export function limitOf(calls: number): RateLimiter {
  let left = calls;
  return { take: () => (left-- > 0 ? { ok: true } : { ok: false, retryAfterSeconds: 42 }) };
}

export interface FixtureOptions extends Partial<AppDeps> {
  readonly workflows?: readonly WorkflowRecord[];
  readonly timeouts?: Partial<Timeouts>;
  readonly clock?: Clock;
}

/** The app over recorded services on a free port, with one key each for the organizations `org-a` and `org-b`. */
export async function startFixture({ workflows = [sampleWorkflow()], timeouts, ...deps }: FixtureOptions = {}) {
  const services = await openRecordedServices(workflows);
  const app = createApp({
    services,
    authenticate: async (header) => {
      const key = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
      const organizationId = key === KEY_A ? 'org-a' : key === KEY_B ? 'org-b' : null;
      if (organizationId === null) throw new ErrandError('unauthenticated', 'A valid API key is needed.');
      return { organizationId, keyId: `key of ${organizationId}`, scopes: ['run', 'manage', 'operate'] };
    },
    limits: { mutating: NO_LIMIT, reading: NO_LIMIT },
    logger: silentLogger,
    clock: nodeClock,
    host: '127.0.0.1',
    publicUrl: null,
    version: '0.0.0',
    ...deps,
  });
  const server = await serve({ app, host: '127.0.0.1', port: 0, ...(timeouts === undefined ? {} : { timeouts }) });
  const close = async (): Promise<void> => {
    await server.close({ graceMs: 0 });
    await services.close();
  };
  return { services, app, server, url: server.url, close };
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>;

export function bearer(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}

/** POSTs a body, as JSON unless it is text already. */
export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = bearer(KEY_A),
): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export function toolCall(name: string, args: object = {}, id: string | number = 1): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}
