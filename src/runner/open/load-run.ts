import type { Json } from '../../core/json.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Run } from '../../core/run/run.js';
import type { InnerNodes } from '../log/inner-nodes.js';
import type { StepOutcomes } from '../log/step-outcomes.js';
import { RecentRecalls } from './recent-recalls.js';
import { RunRecall } from './run-recall.js';

/** What a run's log tells whoever drives it. */
export interface LoadedRun {
  readonly input: Json;
  readonly instruction: string | null;
  /** Outputs of completed nodes, by node id. */
  readonly outputs: ReadonlyMap<string, Json>;
  /** Outcomes of steps inside nodes; null: none. */
  readonly steps: StepOutcomes | null;
  /** What has come of nodes inside nodes; null: nothing. */
  readonly inner: InnerNodes | null;
  /** When its newest event was; 0 for a run that has just been made. */
  readonly lastAt: number;
}

/** What a run was made with. */
export interface RunStart {
  readonly input: Json;
  readonly instruction: string | null;
}

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

/** What the log of a run tells that has just been made. */
export function asLoaded({ input, instruction }: RunStart): LoadedRun {
  return { input, instruction, outputs: NOTHING, steps: null, inner: null, lastAt: 0 };
}

/** Reads the logs of runs that are to be driven. */
export class RunLoader {
  readonly #store: Pick<Store, 'log'>;
  readonly #recents = new RecentRecalls();

  constructor(store: Pick<Store, 'log'>) {
    this.#store = store;
  }

  /**
   * What the log says up to the run's version. Of runs that were read lately, only what has come since is read: a run
   * whose nodes start runs is taken up again at the end of each of them.
   */
  async load(run: Pick<Run, 'id' | 'version'>): Promise<LoadedRun> {
    const recall = this.#recents.take(run.id) ?? new RunRecall();
    if (!(await this.#readOn(run, recall))) return this.load(run);
    this.#recents.keep(run.id, recall);
    const { input, instruction, lastAt, outputs } = recall;
    // Copies: what is read on is added to these.
    const steps = recall.steps.copy();
    return { input, instruction, lastAt, outputs: new Map(outputs), steps, inner: recall.inner.copy(steps) };
  }

  /** False when the log may have been rewritten since it was read before. */
  async #readOn({ id: runId, version }: Pick<Run, 'id' | 'version'>, recall: RunRecall): Promise<boolean> {
    const before = recall.lastSeq;
    for await (const events of logPages(this.#store, { runId, afterSeq: before, upTo: version })) {
      for (const event of events) {
        // At its end, what is not to be kept was taken out.
        if (before > 0 && event.kind === 'run.retried') return false;
        recall.add(event);
      }
    }
    return true;
  }
}
