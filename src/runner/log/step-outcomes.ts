import type { StepOutcome } from '../../core/run/events.js';
import { isInnerPath } from '../../core/run/paths/node-path.js';
import { innerKey, itemKey, parseInnerKey, parseItemKey } from '../../core/run/step-keys.js';

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();
const ofAny = (): boolean => true;

/** What steps have come to, by key, and whose they are. */
export class StepOutcomes {
  // Each is made when something is put into it: most runs are driven to their end without any.
  #remembered: Map<string, StepOutcome> | null = null;
  #generations: Map<string, number> | null = null;
  /** Nodes that have failed, and start again when they are retried. */
  #anew: Set<string> | null = null;
  /** The keys of each node's steps. */
  #keys: Map<string, Set<string>> | null = null;
  readonly #isForgotten: (nodeId: string) => boolean;

  /** `isForgotten`: of which nodes anything may be forgotten, or resumed. */
  constructor(
    remembered: ReadonlyMap<string, StepOutcome> = NOTHING,
    isForgotten: (nodeId: string) => boolean = ofAny,
  ) {
    this.#isForgotten = isForgotten;
    if (remembered.size > 0) this.#remembered = new Map(remembered);
  }

  get remembered(): ReadonlyMap<string, StepOutcome> {
    return this.#remembered ?? NOTHING;
  }

  recall(key: string): StepOutcome | null {
    return this.#remembered?.get(key) ?? null;
  }

  /** Steps of earlier attempts at the node than this are ignored. */
  generationOf(nodeId: string): number {
    return this.#generations?.get(nodeId) ?? 1;
  }

  setGeneration(nodeId: string, generation: number): void {
    this.#generations ??= new Map();
    this.#generations.set(nodeId, generation);
  }

  /** For whoever drives a run: what it forgets is inside nodes, so that it knows the keys of no others. */
  static ofDriver(): StepOutcomes {
    return new StepOutcomes(NOTHING, isInnerPath);
  }

  /** Those, with what has been remembered. */
  copy(): StepOutcomes {
    const copy = new StepOutcomes(this.remembered, isInnerPath);
    if (this.#generations !== null) copy.#generations = new Map(this.#generations);
    if (this.#anew !== null) copy.#anew = new Set(this.#anew);
    for (const [nodeId, keys] of this.#keys ?? []) if (isInnerPath(nodeId)) copy.#setKeys(nodeId, new Set(keys));
    return copy;
  }

  remember(nodeId: string, key: string, outcome: StepOutcome): void {
    this.#remembered ??= new Map();
    this.#remembered.set(key, outcome);
    if (!this.#isForgotten(nodeId)) return;
    const keys = this.#keys?.get(nodeId);
    if (keys === undefined) this.#setKeys(nodeId, new Set([key]));
    else keys.add(key);
  }

  #setKeys(nodeId: string, keys: Set<string>): void {
    this.#keys ??= new Map();
    this.#keys.set(nodeId, keys);
  }

  /** The node has failed: if it is retried, what its steps came to is not used again. */
  noteFailedAnew(nodeId: string): void {
    this.#anew ??= new Set();
    this.#anew.add(nodeId);
  }

  forget(nodeId: string): void {
    for (const key of this.#keys?.get(nodeId) ?? []) this.#remembered?.delete(key);
    this.#keys?.delete(nodeId);
    this.#generations?.delete(nodeId);
    this.#anew?.delete(nodeId);
  }

  /**
   * What failed is forgotten. Attempts count from 1 again, so what items came to in a later one counts as of the first.
   */
  resume(nodeId: string): void {
    const outcomes = [...(this.#keys?.get(nodeId) ?? [])].map((key) => [key, this.recall(key)] as const);
    const generation = this.#anew?.has(nodeId) === true ? null : this.generationOf(nodeId);
    this.forget(nodeId);
    for (const [key, outcome] of outcomes) {
      if (outcome === null || outcome.status === 'failed') continue;
      const inner = parseInnerKey(key);
      if (inner?.place === nodeId) {
        if (inner.generation === generation) this.remember(nodeId, innerKey(nodeId, 1, inner.key), outcome);
        continue;
      }
      const item = parseItemKey(key);
      this.remember(nodeId, item === null ? key : itemKey({ ...item, attempt: 1 }), outcome);
    }
  }
}
