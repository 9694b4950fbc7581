import type { StepOutcome } from '../../core/run/events.js';
import type { ModelUsage } from '../../core/models/models.js';
import type { RunLog } from './run-log.js';

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
  readonly #outcomes: Map<string, StepOutcome>;

  /** `outcomes` are those that the log holds. */
  constructor(log: RunLog, outcomes: ReadonlyMap<string, StepOutcome>) {
    this.#log = log;
    this.#outcomes = new Map(outcomes);
  }

  recall(key: string): StepOutcome | null {
    return this.#outcomes.get(key) ?? null;
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
    this.#outcomes.set(key, outcome);
    this.#log.append(
      usage === null
        ? { kind: 'step.completed', nodeId, key, outcome }
        : { kind: 'step.completed', nodeId, key, outcome, usage },
    );
  }
}
