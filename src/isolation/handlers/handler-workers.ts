import { availableParallelism } from 'node:os';
import { RemoteHandler } from '../../core/handlers/handler-workers.js';
import type { InspectModule } from '../../core/handlers/module-report.js';
import type { Logger } from '../../core/ports/logger.js';
import type { HandlerIsolation } from '../../core/workflow/definition.js';
import type { KeptSources } from './kept-sources.js';
import { Callee, type HandlerPlace } from './pool/callee.js';
import { HandlerPool } from './pool/handler-pool.js';
import { openProcess } from './pool/process-link.js';
import { openThread } from './pool/thread-link.js';

export interface HandlerWorkersOptions {
  /** Of either kind; as many as there are cores when null, and at least two. */
  readonly workers: number | null;
  /** Of each one's heap. */
  readonly memoryMb: number;
  /** How long a worker may not answer. */
  readonly silenceMs: number;
  readonly maxCrashes: number | null;
  /** How long one stays that has nothing to do; half a minute when not given. */
  readonly idleMs?: number;
  /** What is known of where calls come from, over the ends of the server; nothing when not given. */
  readonly known?: KeptSources;
  readonly logger: Logger;
}

/** A worker takes 60 to 90 MB, and begins within 0.2 s. */
const IDLE_MS = 30_000;

export type WorkerKind = Exclude<HandlerIsolation, 'inline'>;

/** Runs handlers beside the server. Workers start when they are needed. */
export class HandlerWorkers {
  readonly #options: HandlerWorkersOptions;
  readonly #pools = new Map<WorkerKind, HandlerPool>();
  #closed = false;

  constructor(options: HandlerWorkersOptions) {
    this.#options = options;
  }

  handlerAt(place: HandlerPlace, kind: WorkerKind): RemoteHandler {
    const pool = this.#poolOf(kind);
    const callee = new Callee(place);
    return new RemoteHandler((context, bounds) => pool.run({ kind: 'call', callee, context, bounds }));
  }

  /** Always in a process: what a module does when it is loaded is not known yet. */
  readonly inspect: InspectModule = async (file) =>
    (await this.#poolOf('process').run({ kind: 'inspect', file })) as Awaited<ReturnType<InspectModule>>;

  close(): void {
    this.#closed = true;
    for (const pool of this.#pools.values()) pool.close();
    this.#options.known?.close();
  }

  #poolOf(kind: WorkerKind): HandlerPool {
    const before = this.#pools.get(kind);
    if (before !== undefined) return before;
    const { workers, memoryMb, silenceMs, maxCrashes, idleMs = IDLE_MS, known, logger } = this.#options;
    const open = kind === 'process' ? openProcess(memoryMb) : openThread(memoryMb);
    const size = workers ?? Math.max(2, availableParallelism());
    const shared = known === undefined ? {} : { known };
    const pool = new HandlerPool({ open, size, silenceMs, maxCrashes, idleMs, logger, ...shared });
    if (this.#closed) pool.close();
    this.#pools.set(kind, pool);
    return pool;
  }
}
