import type { Json } from '../../core/json.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { Store } from '../../core/ports/store/store.js';
import type { StepOutcome } from '../../core/run/events.js';
import { estimateEventLength } from '../log/split-commit.js';
import { RecentRecalls } from './recent-recalls.js';
import { RunRecall } from './run-recall.js';

/** What a run's log tells whoever drives it. */
export interface LoadedRun {
  readonly input: Json;
  readonly instruction: string | null;
  /** Outputs of completed nodes, by node id. */
  readonly outputs: ReadonlyMap<string, Json>;
  /** Outcomes of steps inside nodes, by key. */
  readonly remembered: ReadonlyMap<string, StepOutcome>;
  /** For each node: steps of earlier attempts than this are ignored. Absent: none are. */
  readonly generations: ReadonlyMap<string, number>;
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
  return { input, instruction, outputs: NOTHING, remembered: NOTHING, generations: NOTHING, lastAt: 0 };
}

/** Reads the logs of runs that are to be driven. */
export class RunLoader {
  readonly #store: Pick<Store, 'log'>;
  readonly #recents = new RecentRecalls();

  constructor(store: Pick<Store, 'log'>) {
    this.#store = store;
  }

  /**
   * Of runs that were read lately, only what has come since is read: a run whose nodes start runs is taken up again at
   * the end of each of them.
   */
  async load(runId: string): Promise<LoadedRun> {
    const { recall, length } = this.#recents.take(runId) ?? { recall: new RunRecall(), length: 0 };
    const read = await this.#readOn(runId, recall);
    if (read === null) return this.load(runId);
    this.#recents.keep(runId, { recall, length: length + read });
    const { input, instruction, lastAt, outputs, remembered, generations } = recall;
    // Copies: what is read on is added to these.
    return {
      input,
      instruction,
      lastAt,
      outputs: new Map(outputs),
      remembered: new Map(remembered),
      generations: new Map(generations),
    };
  }

  /** About how long what was read is; null when the log may have been rewritten since it was read before. */
  async #readOn(runId: string, recall: RunRecall): Promise<number | null> {
    const before = recall.lastSeq;
    let length = 0;
    for await (const events of logPages(this.#store, { runId, afterSeq: before })) {
      for (const event of events) {
        // At its end, what is not to be kept was taken out.
        if (before > 0 && event.kind === 'run.retried') return null;
        recall.add(event);
        length += estimateEventLength(event);
      }
    }
    return length;
  }
}
