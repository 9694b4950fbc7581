import type { Json } from '../../core/json.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { Store } from '../../core/ports/store/store.js';
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

export async function loadRun(store: Store, runId: string): Promise<LoadedRun> {
  const recalled = new RunRecall();
  for await (const events of logPages(store, { runId, afterSeq: 0 })) for (const event of events) recalled.add(event);
  return recalled;
}
