import type { Handler } from '../../core/handlers/node-kind.js';
import type { RemoteHandler } from '../../core/handlers/handler-workers.js';
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
  readonly #fallback: HandlerIsolation;
  /** By the reference itself: a plan hands the same one to every run. */
  readonly #atHand = new WeakMap<HandlerRef, Found>();

  /** `isolation`: of workflows that do not say where theirs are to run. */
  constructor(params: {
    readonly store: HandlerStore;
    readonly workers: HandlerWorkers;
    readonly isolation: HandlerIsolation;
  }) {
    this.#store = params.store;
    this.#workers = params.workers;
    this.#fallback = params.isolation;
  }

  /** Rejects with a NodeFailure of kind `handler_missing`. */
  resolve(ref: HandlerRef, wanted: HandlerIsolation | null): Found | Promise<Found> {
    const isolation = wanted ?? this.#fallback;
    if (ref.kind === 'inline' || isolation === 'inline') return this.#store.resolve(ref);
    return this.#atHand.get(ref) ?? this.#find(ref, isolation);
  }

  async #find(ref: Extract<HandlerRef, { kind: 'bundle' }>, isolation: WorkerKind): Promise<Found> {
    const file = await this.#store.verify(ref.bundle);
    const place = { file, export: ref.export, nodeId: ref.nodeId ?? null };
    const handler = this.#workers.handlerAt(place, isolation);
    this.#atHand.set(ref, handler);
    return handler;
  }
}
