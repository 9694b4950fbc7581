import type { Json } from '../../core/json.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { Store } from '../../core/ports/store/store.js';
import { RecentRecalls } from '../../runner/drive/recent-recalls.js';
import { RunRecall } from '../../runner/drive/run-recall.js';
import { estimateEventLength } from '../../runner/log/split-commit.js';

/** What a run's log tells whoever resumes it. */
export interface LoadedRun {
  readonly input: Json;
  readonly instruction: string | null;
  /** Outputs of completed nodes, by node id. */
  readonly outputs: ReadonlyMap<string, Json>;
  /** Outcomes of steps inside nodes, by key. */
  readonly remembered: ReadonlyMap<string, Json>;
  /** By node id, the attempt since which steps in the node's own work count; absent: the first. */
  readonly generations?: ReadonlyMap<string, number>;
  /** When its newest event was; for a run that has just been made, when that was. */
  readonly lastAt?: number;
}

/**
 * Reads what the log tells. Of runs that were read lately, only what has come since is read: a run whose nodes start runs
 * is taken up again at the end of each of them.
 */
export async function loadRun(store: Pick<Store, 'log'>, runId: string): Promise<LoadedRun> {
  let recents = recentsByStore.get(store.log);
  if (recents === undefined) recentsByStore.set(store.log, (recents = new RecentRecalls()));
  const { recall, length } = recents.take(runId) ?? { recall: new RunRecall(), length: 0 };
  const read = await readOn(store, runId, recall);
  if (read === null) return loadRun(store, runId);
  recents.keep(runId, { recall, length: length + read });
  const { input, instruction, lastAt, outputs, remembered, takes } = recall;
  // Copies: what the driver adds is not committed yet.
  return {
    input,
    instruction,
    lastAt,
    outputs: new Map(outputs),
    remembered: new Map(remembered),
    generations: new Map(takes),
  };
}

const recentsByStore = new WeakMap<object, RecentRecalls>();

/** About how long what was read is; null when the log may have been rewritten since it was read before. */
async function readOn(store: Pick<Store, 'log'>, runId: string, recall: RunRecall): Promise<number | null> {
  const before = recall.lastSeq;
  let length = 0;
  for await (const events of logPages(store, { runId, afterSeq: before })) {
    for (const event of events) {
      // At its end, what is not to be kept was taken out.
      if (before > 0 && event.kind === 'run.retried') return null;
      recall.add(event);
      length += estimateEventLength(event);
    }
  }
  return length;
}
