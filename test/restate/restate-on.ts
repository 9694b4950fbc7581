import { newId } from '../../src/app/process/new-id.js';
import { nodeClock as clock } from '../../src/app/process/node-clock.js';
import { silentLogger as logger } from '../../src/core/ports/logger.js';
import { type EngineHints, RestateEngine, type RestateEngineOptions } from '../../src/engine/restate/restate-engine.js';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import type { Balancer } from '../../cluster/lib/balancer.mjs';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
import { type CreateEngine, fewLimits } from '../support/engines/open-engine.js';

/** What is a hint alone is not needed. */
const NO_HINTS: EngineHints = {
  mailSent: () => undefined,
  onMail: () => undefined,
  organizationChanged: () => undefined,
  onOrganizationChanged: () => undefined,
};

export interface RestateOn {
  readonly store: RestateEngineOptions['store'];
  readonly restate: RestateNode;
  readonly balancer: Balancer;
  readonly service: string;
  /** Of the ingress; that of `restate` when not given. */
  readonly url?: string;
}

/** Processes behind a balancer of their own, as a service of their own. */
export function restateOn({ store, restate, balancer, service, url = restate.url }: RestateOn): CreateEngine {
  return async ({ runner, maxActiveRuns }) => {
    const port = await freePort();
    balancer.add(port);
    const addresses = {
      url,
      adminUrl: restate.adminUrl,
      listen: { host: '127.0.0.1', port },
      advertise: balancer.url,
      identityKeys: [],
      service,
    };
    const engine = new RestateEngine({
      addresses,
      store,
      runner,
      clock,
      newId,
      logger,
      hints: NO_HINTS,
      canDrive: async () => true,
      ...fewLimits(maxActiveRuns),
    });
    return { engine, cutOff: async () => balancer.remove(port) };
  };
}
