import { randomUUID } from 'node:crypto';
import type { NewId } from '../../src/core/ports/clock.js';
import { silentLogger } from '../../src/core/ports/logger.js';
import { addMcpMount } from '../../src/http/mcp/mcp-mount.js';
import { createHostGuard } from '../../src/http/pipeline/host-guard.js';
import { Pipeline } from '../../src/http/pipeline/pipeline.js';
import { Routes } from '../../src/http/pipeline/routes.js';
import { serve, type HttpServer } from '../../src/http/serve.js';
import { nodeClock } from '../../src/app/process/node-clock.js';
import type { Services } from '../../src/service/interface/services.js';
import { fixtureContract } from './fixture-contract.js';

const HOST = '127.0.0.1';

export interface FixtureOptions {
  /** `0` takes a free one. */
  readonly port: number;
  /** For the ids of internal errors. */
  readonly newId?: NewId;
}

/** The fixture contract at `/mcp`, for anyone on this machine, through the code that serves Errand's own contracts. */
export async function serveFixture({ port, newId = randomUUID }: FixtureOptions): Promise<HttpServer> {
  const guard = createHostGuard({ host: HOST, publicUrl: null, allowedHosts: [], allowedOrigins: [] });
  const routes = new Routes();
  const mount = { path: '/mcp', contract: fixtureContract(), acceptedStatus: 202, catalog: false } as const;
  addMcpMount(routes, mount, {
    services: NO_SERVICES,
    authenticate: async () => ({ organizationId: 'conformance', keyId: null, scopes: ['run'] }),
    limits: { mutating: { take: () => ({ ok: true }) }, reading: { take: () => ({ ok: true }) } },
    logger: silentLogger,
    clock: nodeClock,
    newId,
    host: HOST,
    publicUrl: null,
    version: '0.0.0',
    stateSecret: randomUUID(),
  });
  const app = new Pipeline({ routes, guard, newId, logger: silentLogger, clock: nodeClock, publicUrl: null });
  return await serve({ app, host: HOST, port });
}

/** No tool of the fixture runs a workflow. */
const NO_SERVICES = new Proxy({} as Services, {
  get: (_target, name) => {
    if (name === 'onKeyEnded') return () => () => undefined;
    throw new Error(`the fixture has no services, so no ${String(name)}`);
  },
});
