import type { RunEvent } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import type { Store } from '../../core/ports/store.js';
import { RunRecall } from '../../runner/drive/run-recall.js';

/** What a run's log tells whoever resumes it. */
export interface LoadedRun {
  readonly input: Json;
  readonly instruction: string | null;
  /** Outputs of completed nodes, by node id. */
  readonly outputs: ReadonlyMap<string, Json>;
  /** Outcomes of steps inside nodes, by key. */
  readonly remembered: ReadonlyMap<string, Json>;
  /** By node id, the attempt since which steps in the node's own work count; absent: the first. */
  readonly takes?: ReadonlyMap<string, number>;
  /** When its newest event was; for a run that has just been made, when that was. */
  readonly lastAt?: number;
}

const PAGE = 1_000;

export async function loadRun(store: Store, runId: string): Promise<LoadedRun> {
  const recalled = new RunRecall();
  for (let afterSeq = 0; ;) {
    const events: readonly RunEvent[] = await store.listEvents({ runId, afterSeq, limit: PAGE });
    for (const event of events) recalled.add(event);
    const last = events.at(-1);
    if (last === undefined) return recalled;
    afterSeq = last.seq;
  }
}
