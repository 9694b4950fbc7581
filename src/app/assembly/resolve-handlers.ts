import type { Handler } from '../../core/handlers/node-kind.js';
import type { RemoteHandler } from '../../core/handlers/handler-workers.js';
import type { PublishedCode } from '../../core/handlers/published-code.js';
import type { HandlerIsolation, HandlerRef } from '../../core/workflow/definition.js';
import type { HandlerWorkers, WorkerKind } from '../../isolation/handlers/handler-workers.js';
import type { HandlerStore } from '../../loader/bundles/handler-store.js';

type Found = Handler | RemoteHandler;

/**
 * Gives handlers where they are to run: functions that were handed over in code here, those of files beside the server
 * unless somebody wants them here.
 */
export class HandlerResolver {
  readonly #store: HandlerStore;
  readonly #workers: HandlerWorkers;
  readonly #code: PublishedCode;
  readonly #fallback: HandlerIsolation;
  /** By the reference itself: a plan hands the same one to every run. */
  readonly #atHand = new WeakMap<HandlerRef, Found>();

  /** `isolation`: of workflows that do not say where theirs are to run. */
  constructor(params: {
    readonly store: HandlerStore;
    readonly workers: HandlerWorkers;
    readonly code: PublishedCode;
    readonly isolation: HandlerIsolation;
  }) {
    this.#store = params.store;
    this.#workers = params.workers;
    this.#code = params.code;
    this.#fallback = params.isolation;
  }

  /** Rejects with a NodeFailure of kind `handler_missing`. */
  resolve(ref: HandlerRef, wanted: HandlerIsolation | null): Found | Promise<Found> {
    if (ref.kind === 'bundle' && ref.published !== undefined) return this.#atHand.get(ref) ?? this.#findPublished(ref);
    const isolation = wanted ?? this.#fallback;
    if (ref.kind === 'inline' || isolation === 'inline') return this.#store.resolve(ref);
    return this.#atHand.get(ref) ?? this.#find(ref, isolation);
  }

  /** Whoever wrote it: never in the server's own process. */
  async #findPublished(ref: Extract<HandlerRef, { kind: 'bundle' }>): Promise<Found> {
    return this.#keep(ref, await this.#code.locate(ref.bundle), 'process');
  }

  async #find(ref: Extract<HandlerRef, { kind: 'bundle' }>, isolation: WorkerKind): Promise<Found> {
    return this.#keep(ref, await this.#store.verify(ref.bundle), isolation);
  }

  #keep(ref: Extract<HandlerRef, { kind: 'bundle' }>, file: string, isolation: WorkerKind): Found {
    const place = { file, export: ref.export, nodeId: ref.nodeId ?? null };
    const handler = this.#workers.handlerAt(place, isolation);
    this.#atHand.set(ref, handler);
    return handler;
  }
}
