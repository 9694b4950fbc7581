import type { RunEvent } from '../core/events.js';
import type { Json } from '../core/json.js';
import type { AttemptOutcome } from './retry.js';
import { attemptKey } from './step-keys.js';

/** What a run's log tells whoever resumes it, gathered event by event, in order. */
export class RunRecall {
  input: Json = null;
  instruction: string | null = null;
  /** Outputs of completed nodes, by node id. */
  readonly outputs = new Map<string, Json>();
  /** Outcomes of steps, by key. */
  readonly remembered = new Map<string, Json>();

  add(event: RunEvent): void {
    switch (event.kind) {
      case 'run.created':
        this.input = event.input;
        this.instruction = event.instruction;
        break;
      case 'node.completed':
        this.outputs.set(event.nodeId, event.output);
        break;
      case 'node.answered': {
        const outcome: AttemptOutcome = { status: 'completed', output: event.answer };
        this.remembered.set(attemptKey(event.nodeId, event.attempt), outcome);
        break;
      }
      case 'step.completed':
        this.remembered.set(event.key, event.outcome);
        break;
      default:
    }
  }
}
