import { silentLogger } from '../../core/ports/logger.js';
import { HandlerWorkers } from '../../isolation/handlers/handler-workers.js';
import { WORKER_MEMORY_MB, WORKER_SILENCE_MS } from '../config/config.js';

/** Looks at modules of authors beside this process; to be closed. */
export function openInspector(): Pick<HandlerWorkers, 'inspect' | 'close'> {
  return new HandlerWorkers({
    workers: 1,
    memoryMb: WORKER_MEMORY_MB,
    silenceMs: WORKER_SILENCE_MS,
    maxCrashes: 1,
    logger: silentLogger,
  });
}
