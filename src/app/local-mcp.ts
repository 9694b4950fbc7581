import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Assembly } from './assembly/assemble.js';
import { assembleConfigured } from './assembly/assemble-configured.js';
import type { Config } from './config/config.js';
import { ErrandError, isErrandError } from '../core/errors.js';
import type { Logger } from '../core/ports/logger.js';
import type { Principal } from '../core/tenant/principal.js';
import type { RateLimiter } from '../core/ports/rate-limiter.js';
import type { Contract } from '../mcp/contract/contract.js';
import { createMcpServer } from '../mcp/mcp-server.js';
import type { StdioPeer } from '../mcp/stdio/stdio-session.js';
import { nodeClock } from './process/node-clock.js';
import { DryRunner } from './trial/dry-runner.js';
import { serveWorkflows } from './assembly/serve-workflows.js';
import { systemPrincipal } from '../service/organizations/bootstrap.js';
import type { Services } from '../service/interface/services.js';
import { readVersion } from './process/version.js';

export interface LocalMcp extends StdioPeer {
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 2_000;
/** A host that starts this again may not have seen the one before end yet. */
const WAIT_FOR_FOLDER_MS = 8_000;
const TRY_AGAIN_MS = 200;

/** Whoever started the process is whom it answers to, so there are no keys, and nothing to limit. */
const NO_LIMIT: RateLimiter = { take: () => ({ ok: true }) };

/**
 * One contract over a data folder, in this process, for the organization `default`. The folder is opened at the first
 * message that needs it: hosts start a process only to ask what it speaks, and the folder has room for one. Throws
 * `invalid_input` when there is no folder of workflows.
 */
export function openLocalMcp(params: {
  readonly config: Config;
  readonly contract: Contract;
  readonly logger: Logger;
  /** For how long a folder that is in use is waited for; 8 s when not given. */
  readonly patienceMs?: number;
}): LocalMcp {
  const { config, contract, logger, patienceMs = WAIT_FOR_FOLDER_MS } = params;
  if (!existsSync(config.workflowsDir)) {
    const message = `There is no workflows folder ${config.workflowsDir}. Make it, or name another with --workflows.`;
    throw new ErrandError('invalid_input', message);
  }
  const folder = new LazyFolder(config, logger, patienceMs);
  const authenticate = (): Promise<Principal> => folder.open();
  const server = createMcpServer({
    contract: { ...contract, keyFor: 'tool_calls' },
    services: folder.services,
    limits: { mutating: NO_LIMIT, reading: NO_LIMIT },
    logger,
    clock: nodeClock,
    newId: randomUUID,
    version: readVersion(),
  });
  return {
    handle: ({ text, revision, signal }) =>
      server.handle({ text, revision, signal, headers: null, streams: true, authenticate }),
    listen: ({ revision, signal }) => server.listen({ revision, signal, authenticate }),
    close: () => folder.close(),
  };
}

class LazyFolder {
  readonly #config: Config;
  readonly #logger: Logger;
  #assembly: Assembly | null = null;
  #opening: Promise<Principal> | null = null;
  #cleanUps: (() => Promise<void>)[] = [];
  #patienceMs: number;
  #closed = false;

  /** Usable once the folder is open. Nothing calls them before `open` has resolved, which authenticates each call. */
  readonly services: Services = new Proxy({} as Services, {
    get: (_, name) => {
      if (this.#assembly === null) throw new Error(`services.${String(name)} is asked for before the folder is open`);
      return Reflect.get(this.#assembly.services, name) as unknown;
    },
  });

  constructor(config: Config, logger: Logger, patienceMs: number) {
    this.#config = config;
    this.#logger = logger;
    this.#patienceMs = patienceMs;
  }

  /** Gives the local operator. What fails is tried again the next time. */
  open(): Promise<Principal> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    for (const step of this.#cleanUps.splice(0).toReversed()) await step();
  }

  async #open(): Promise<Principal> {
    const assembly = await this.#assemble();
    this.#cleanUps.push(() => assembly.close({ graceMs: CLOSE_GRACE_MS }));
    try {
      await serveWorkflows(this.#config, assembly, this.#cleanUps);
      await assembly.start();
    } catch (error) {
      for (const step of this.#cleanUps.splice(0).toReversed()) await step();
      throw error;
    }
    this.#assembly = assembly;
    return systemPrincipal(assembly.defaultOrganizationId);
  }

  async #assemble(): Promise<Assembly> {
    const until = nodeClock.now() + this.#patienceMs;
    for (;;) {
      if (this.#closed) throw new ErrandError('unavailable', 'Errand is ending.');
      try {
        return await assembleConfigured(this.#config, this.#logger, { dryRuns: new DryRunner({ clock: nodeClock }) });
      } catch (error) {
        if (!isErrandError(error) || error.code !== 'unavailable') throw error;
        if (nodeClock.now() >= until) {
          this.#patienceMs = 0;
          this.#logger.error({}, error.message);
          throw withAdvice(error);
        }
        await new Promise<void>((resolve) => nodeClock.schedule(TRY_AGAIN_MS, resolve));
      }
    }
  }
}

function withAdvice(error: ErrandError): ErrandError {
  const advice = 'If it is a server, put this in front of it: errand mcp --url <its address>.';
  return new ErrandError('unavailable', `${error.message} ${advice}`, { cause: error });
}
