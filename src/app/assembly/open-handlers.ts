import type { Logger } from '../../core/ports/logger.js';
import type { HandlerIsolation } from '../../core/workflow/definition.js';
import { HandlerWorkers } from '../../isolation/handlers/handler-workers.js';
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
}

interface OpenHandlers {
  readonly handlers: HandlerStore;
  readonly workers: HandlerWorkers;
  readonly resolver: HandlerResolver;
}

export function openHandlers(
  options: EngineOptions & { readonly handlers?: HandlerOptions },
  dataDir: string,
  logger: Logger,
): OpenHandlers {
  const {
    isolation = 'process',
    workers: size = null,
    memoryMb = WORKER_MEMORY_MB,
    silenceMs = WORKER_SILENCE_MS,
  } = options.handlers ?? {};
  const handlers = new HandlerStore({ dataDir });
  const workers = new HandlerWorkers({ workers: size, memoryMb, silenceMs, maxCrashes: mostCrashes(options), logger });
  return { handlers, workers, resolver: new HandlerResolver({ store: handlers, workers, isolation }) };
}
