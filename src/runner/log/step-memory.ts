import type { Json } from '../../core/json.js';
import type { StepOutcome } from '../../core/run/events.js';
import { attemptKey } from '../../core/run/step-keys.js';
import type { ModelUsage } from '../../core/models/models.js';
import type { RunLog } from './run-log.js';
import { StepOutcomes } from './step-outcomes.js';

export interface RememberedStep {
  readonly nodeId: string;
  /** The whole key: see `step-keys.ts`. */
  readonly key: string;
  readonly outcome: StepOutcome;
  /** What a model used for it; null when none was asked. */
  readonly usage: ModelUsage | null;
}

/** What the steps of a run have come to, over attempts, drivers and crashes: its log, by key. */
export class StepMemory {
  readonly #log: RunLog;
  #outcomes: StepOutcomes | null;

  /** `outcomes` are those that the log holds; null: none. What is remembered is added to them. */
  constructor(log: RunLog, outcomes: StepOutcomes | null) {
    this.#log = log;
    this.#outcomes = outcomes;
  }

  /** Made when something is to be remembered: most runs are driven to their end without any steps. */
  get outcomes(): StepOutcomes {
    return (this.#outcomes ??= StepOutcomes.ofDriver());
  }

  /** Steps of earlier attempts at the node than this are ignored. */
  generationOf(nodeId: string): number {
    return this.#outcomes?.generationOf(nodeId) ?? 1;
  }

  setGeneration(nodeId: string, generation: number): void {
    this.outcomes.setGeneration(nodeId, generation);
  }

  recall(key: string): StepOutcome | null {
    return this.#outcomes?.recall(key) ?? null;
  }

  /** An answer to what an attempt has asked is what that comes to; the log has an event of its own for it. */
  noteAnswer(nodeId: string, attempt: number, answer: Json): void {
    this.outcomes.remember(nodeId, attemptKey(nodeId, attempt), { status: 'completed', output: answer });
  }

  /** Resolves once the outcome is durable. Nothing that depends on it may have an effect before. */
  remember(step: RememberedStep): Promise<void> {
    this.#append(step);
    return this.#log.commit();
  }

  /**
   * For an outcome that nothing depends on by itself: it is durable with a commit of the run within so many
   * milliseconds.
   */
  rememberWithin(delayMs: number, step: RememberedStep): void {
    this.#append(step);
    this.#log.commitWithin(delayMs);
  }

  #append({ nodeId, key, outcome, usage }: RememberedStep): void {
    this.outcomes.remember(nodeId, key, outcome);
    this.#log.append(
      usage === null
        ? { kind: 'step.completed', nodeId, key, outcome }
        : { kind: 'step.completed', nodeId, key, outcome, usage },
    );
  }
}
