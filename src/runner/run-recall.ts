import type { RunEvent, StepOutcome } from '../core/events.js';
import type { Json } from '../core/json.js';
import { attemptKey, itemKey, parseItemKey } from './step-keys.js';

/** What a run's log tells whoever resumes it, gathered event by event, in order. */
export class RunRecall {
  input: Json = null;
  instruction: string | null = null;
  /** When the newest event was. */
  lastAt = 0;
  /** Outputs of completed nodes, by node id. */
  readonly outputs = new Map<string, Json>();
  /** Outcomes of steps, by key. */
  readonly remembered = new Map<string, StepOutcome>();
  /** The keys of each node's steps. */
  readonly #keys = new Map<string, Set<string>>();

  add(event: RunEvent): void {
    this.lastAt = event.at;
    switch (event.kind) {
      case 'run.created':
        this.input = event.input;
        this.instruction = event.instruction;
        break;
      case 'node.completed':
        this.outputs.set(event.nodeId, event.output);
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
  }

  /** What failed is forgotten. Attempts count from 1 again, so what items came to in a later one counts as of the first. */
  #resume(nodeId: string): void {
    const outcomes = [...(this.#keys.get(nodeId) ?? [])].map((key) => [key, this.remembered.get(key)] as const);
    this.#forget(nodeId);
    for (const [key, outcome] of outcomes) {
      if (outcome === undefined || outcome.status === 'failed') continue;
      const item = parseItemKey(key);
      this.#remember(nodeId, item === null ? key : itemKey({ ...item, attempt: 1 }), outcome);
    }
  }
}
