import type { RunEvent, StepOutcome } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import { holdsContent, isForgotten } from '../models/model-content.js';
import { attemptKey, innerKey, itemKey, parseInnerKey, parseItemKey } from '../../core/run/step-keys.js';

/** What a run's log tells whoever resumes it, gathered event by event, in order. */
export class RunRecall {
  input: Json = null;
  instruction: string | null = null;
  /** When the newest event was. */
  lastAt = 0;
  /** The number of the newest event. */
  lastSeq = 0;
  /** Outputs of completed nodes, by node id. */
  readonly outputs = new Map<string, Json>();
  /** Outcomes of steps, by key. */
  readonly remembered = new Map<string, StepOutcome>();
  /** For each node: steps of earlier attempts than this are ignored. Absent: none are. */
  readonly generations = new Map<string, number>();
  /** Nodes that have failed, and start again when they are retried. */
  readonly #anew = new Set<string>();
  /** The keys of each node's steps. */
  readonly #keys = new Map<string, Set<string>>();

  add(event: RunEvent): void {
    this.lastAt = event.at;
    this.lastSeq = event.seq;
    switch (event.kind) {
      case 'run.created':
        this.input = event.input;
        this.instruction = event.instruction;
        break;
      case 'node.completed':
        this.outputs.set(event.nodeId, event.output);
        break;
      case 'node.retrying':
        if (event.anew === true) this.generations.set(event.nodeId, event.attempt + 1);
        break;
      case 'node.failed':
        if (event.anew === true) this.#anew.add(event.nodeId);
        break;
      case 'run.retried':
        for (const nodeId of event.resumed) this.#resume(nodeId);
        for (const nodeId of event.reset) this.#forget(nodeId);
        break;
      case 'node.answered': {
        const outcome: StepOutcome = { status: 'completed', output: event.answer };
        this.#remember(event.nodeId, attemptKey(event.nodeId, event.attempt), outcome);
        break;
      }
      case 'step.completed':
        if (holdsContent(event.key) && event.outcome.status === 'completed' && isForgotten(event.outcome.output)) break;
        this.#remember(event.nodeId, event.key, event.outcome);
        break;
      default:
    }
  }

  #remember(nodeId: string, key: string, outcome: StepOutcome): void {
    this.remembered.set(key, outcome);
    const keys = this.#keys.get(nodeId);
    if (keys === undefined) this.#keys.set(nodeId, new Set([key]));
    else keys.add(key);
  }

  #forget(nodeId: string): void {
    this.outputs.delete(nodeId);
    for (const key of this.#keys.get(nodeId) ?? []) this.remembered.delete(key);
    this.#keys.delete(nodeId);
    this.generations.delete(nodeId);
    this.#anew.delete(nodeId);
  }

  /**
   * What failed is forgotten. Attempts count from 1 again, so what items came to in a later one counts as of the first.
   */
  #resume(nodeId: string): void {
    const outcomes = [...(this.#keys.get(nodeId) ?? [])].map((key) => [key, this.remembered.get(key)] as const);
    const generation = this.#anew.has(nodeId) ? null : (this.generations.get(nodeId) ?? 1);
    this.#forget(nodeId);
    for (const [key, outcome] of outcomes) {
      if (outcome === undefined || outcome.status === 'failed') continue;
      const inner = parseInnerKey(key);
      if (inner?.place === nodeId) {
        if (inner.generation === generation) this.#remember(nodeId, innerKey(nodeId, 1, inner.key), outcome);
        continue;
      }
      const item = parseItemKey(key);
      this.#remember(nodeId, item === null ? key : itemKey({ ...item, attempt: 1 }), outcome);
    }
  }
}
