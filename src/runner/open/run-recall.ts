import type { RunEvent, StepOutcome } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import { holdsContent, isForgotten } from '../models/model-content.js';
import { isInnerPath, rootOf } from '../../core/run/paths/node-path.js';
import { attemptKey } from '../../core/run/step-keys.js';
import { estimateEventLength } from '../log/split-commit.js';
import { InnerNodes } from '../log/inner-nodes.js';
import { StepOutcomes } from '../log/step-outcomes.js';

/** Events of which more is kept than that there were some. */
const KEPT: ReadonlySet<RunEvent['kind']> = new Set([
  'run.created',
  'node.completed',
  'node.answered',
  'node.round',
  'step.completed',
]);

/** What a run's log tells whoever resumes it, gathered event by event, in order. */
export class RunRecall {
  input: Json = null;
  instruction: string | null = null;
  /** When the newest event was. */
  lastAt = 0;
  /** The number of the newest event. */
  lastSeq = 0;
  /** About how long what nodes inside each node have left is, in characters of JSON. */
  readonly #inside = new Map<string, number>();
  #outside = 0;
  /** Outputs of completed nodes, by node id. */
  readonly outputs = new Map<string, Json>();
  readonly steps = new StepOutcomes();
  /** What stands inside nodes. */
  readonly inner = new InnerNodes(this.steps);

  /** Outcomes of steps, by key. */
  get remembered(): ReadonlyMap<string, StepOutcome> {
    return this.steps.remembered;
  }

  /** About how long what is kept of the log is, in characters of JSON. */
  get length(): number {
    let length = this.#outside;
    for (const inside of this.#inside.values()) length += inside;
    return length;
  }

  add(event: RunEvent): void {
    this.#weigh(event);
    this.lastAt = event.at;
    this.lastSeq = event.seq;
    switch (event.kind) {
      case 'run.created':
        this.input = event.input;
        this.instruction = event.instruction;
        break;
      case 'node.completed':
        if (!isInnerPath(event.nodeId)) this.outputs.set(event.nodeId, event.output);
        break;
      case 'node.retrying':
        if (event.anew === true) this.steps.setGeneration(event.nodeId, event.attempt + 1);
        break;
      case 'node.failed':
        if (event.anew === true) this.steps.noteFailedAnew(event.nodeId);
        break;
      case 'run.retried':
        for (const nodeId of event.resumed) this.steps.resume(nodeId);
        for (const nodeId of event.reset) this.#forget(nodeId);
        break;
      case 'node.answered': {
        const outcome: StepOutcome = { status: 'completed', output: event.answer };
        this.steps.remember(event.nodeId, attemptKey(event.nodeId, event.attempt), outcome);
        break;
      }
      case 'step.completed':
        if (holdsContent(event.key) && event.outcome.status === 'completed' && isForgotten(event.outcome.output)) break;
        this.steps.remember(event.nodeId, event.key, event.outcome);
        break;
      default:
    }
    this.inner.apply(event);
  }

  /** What has completed inside a node takes with it what stood inside that. */
  #weigh(event: RunEvent): void {
    if (!KEPT.has(event.kind)) return;
    const nodeId = 'nodeId' in event ? event.nodeId : '';
    const length = estimateEventLength(event);
    if (event.kind === 'node.round' || event.kind === 'step.completed') this.#inside.delete(rootOf(nodeId));
    if (event.kind === 'node.round' || isInnerPath(nodeId)) {
      const root = rootOf(nodeId);
      this.#inside.set(root, (this.#inside.get(root) ?? 0) + length);
    } else this.#outside += length;
  }

  #forget(nodeId: string): void {
    this.outputs.delete(nodeId);
    this.steps.forget(nodeId);
  }
}
