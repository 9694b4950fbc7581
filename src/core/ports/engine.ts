import type { Json } from '../json.js';
import type { Question } from '../run/node-execution.js';
import type { Run } from '../run/run.js';
import type { Organization } from '../tenant/organization.js';

/** A promise whose outcome the engine remembers. */
export type DurablePromise<T> = Promise<T>;

/** How the runner reaches the world: whatever goes through here is remembered over crashes. */
export interface Durable {
  /**
   * Does `work` unless an outcome is remembered under `key`. At least once: work whose outcome was not yet committed is done again
   * after a crash. The outcome counts as remembered once the run's next commit is through; nothing that depends on it
   * may have an effect before.
   */
  step<T extends Json>(key: string, work: () => Promise<T>): DurablePromise<T>;
  /** The outcome that is remembered under `key`; null when there is none. */
  recall<T extends Json>(key: string): Promise<T | null>;
  /** Resolves at `until` (epoch milliseconds), at once when that is past; rejects when the run is cancelled or left. */
  sleep(key: string, until: number): DurablePromise<void>;
  /** Aborts when the run is to be cancelled, or left by this process to be resumed by another (see `left`). */
  readonly cancelled: AbortSignal;
  /** True once this process is giving the run up without ending it: outcomes no longer count. */
  readonly left: boolean;
}

/** What a run, or nodes of it by their ids, wait for before they may go ahead, as phrases: `a free slot: 500 of 500 runs are active`. */
export interface WaitReasons {
  readonly run: string | null;
  readonly nodes: ReadonlyMap<string, string>;
}

export const NO_WAITS: WaitReasons = { run: null, nodes: new Map() };

/** What drives runs. */
export interface Engine {
  /** Resumes every unfinished run. */
  start(): Promise<void>;
  /** Throws `unavailable` unless runs can be taken on; called before a run is recorded. */
  assertAccepting(): void;
  /** Takes on a run that has just been recorded. */
  dispatch(params: { readonly run: Run; readonly input: Json; readonly instruction: string | null }): Promise<void>;
  /** Takes on a run whose log holds more than its creation. */
  resume(params: { readonly run: Run }): Promise<void>;
  explainWaits(params: { readonly runId: string }): WaitReasons;
  /** Limits are others than before: those of an organization, or of workflows or resources. */
  limitsChanged(organization?: Organization): void;
  /** Ends a run as cancelled. Resolves with its record once that is durable; throws `conflict` when it is already terminal. */
  cancel(params: { readonly run: Run; readonly reason: string }): Promise<Run>;
  /**
   * Hands an answer that fits the question to a node that waits for one. Resolves once it is durable, whether the run may
   * go on just now or not. Throws `conflict` when the node does not wait for an answer or asks another question by now,
   * `unavailable` when the answer could not be taken.
   */
  answer(params: {
    readonly run: Run;
    readonly nodeId: string;
    /** As it was read. */
    readonly question: Question;
    readonly answer: Json;
  }): Promise<void>;
  /** Takes on nothing more, lets running nodes finish for `graceMs`, then leaves the rest to be resumed. */
  stop(params: { readonly graceMs: number }): Promise<void>;
}
