import type { PublishedCodeRule } from '../../core/handlers/published-code.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Store } from '../../core/ports/store/store.js';
import { StoredCode } from '../../loader/published/stored-code.js';
import type { Logger } from '../../core/ports/logger.js';
import type { HandlerIsolation } from '../../core/workflow/definition.js';
import { HandlerWorkers } from '../../isolation/handlers/handler-workers.js';
import { KeptSources } from '../../isolation/handlers/kept-sources.js';
import { HandlerStore } from '../../loader/bundles/handler-store.js';
import { WORKER_MEMORY_MB, WORKER_SILENCE_MS } from '../config/config.js';
import { HandlerResolver } from './resolve-handlers.js';
import { type EngineOptions, mostCrashes } from './wire-engine.js';

/** Where and how the handlers of files run. */
export interface HandlerOptions {
  /** Of workflows that do not say; `process` when not given. */
  readonly isolation?: HandlerIsolation;
  readonly workers?: number | null;
  readonly memoryMb?: number;
  readonly silenceMs?: number;
  /** Whose published code is taken; nobody's when not given. */
  readonly published?: PublishedCodeRule;
  /** Where published code finds its packages; the folder that the process was started in when not given. */
  readonly packagesFrom?: string;
}

interface OpenHandlers {
  readonly handlers: HandlerStore;
  readonly workers: HandlerWorkers;
  readonly resolver: HandlerResolver;
  readonly code: StoredCode;
}

export function openHandlers(
  options: EngineOptions & { readonly handlers?: HandlerOptions },
  parts: {
    readonly dataDir: string;
    readonly logger: Logger;
    readonly clock: Clock;
    readonly store: Pick<Store, 'publications'>;
  },
): OpenHandlers {
  const { dataDir, logger, clock } = parts;
  const {
    isolation = 'process',
    workers: size = null,
    memoryMb = WORKER_MEMORY_MB,
    silenceMs = WORKER_SILENCE_MS,
    published: rule = 'off',
    packagesFrom = process.cwd(),
  } = options.handlers ?? {};
  const handlers = new HandlerStore({ dataDir });
  const known = new KeptSources({ dataDir, now: () => clock.now() });
  const maxCrashes = mostCrashes(options);
  const workers = new HandlerWorkers({ workers: size, memoryMb, silenceMs, maxCrashes, known, logger });
  const { publications } = parts.store;
  const code = new StoredCode({ rule, publications, dataDir, packagesFrom, clock });
  return { handlers, workers, code, resolver: new HandlerResolver({ store: handlers, workers, code, isolation }) };
}
