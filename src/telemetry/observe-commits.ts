import type { Store } from '../core/ports/store/store.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import type { Telemetry } from './otel/create-telemetry.js';

/** The same store, with what is recorded of runs counted and told on the way. */
export function observeCommits(
  store: Store,
  { metrics, telemetry }: { readonly metrics: ServerMetrics | undefined; readonly telemetry: Telemetry | undefined },
): Store {
  const { runs } = store;
  const commit: Store['runs']['commit'] = async (params) => {
    const begun = performance.now();
    const outcome = await runs.commit(params);
    metrics?.observeCommit(outcome, (performance.now() - begun) / 1_000);
    if (outcome !== 'kept') return outcome;
    metrics?.observeRun(params.run, params.events);
    telemetry?.observeRun(params.run, params.events);
    return outcome;
  };
  const beginDrive: Store['runs']['beginDrive'] = async (params) => {
    const begun = await runs.beginDrive(params);
    if (begun !== null && begun.crashes > 0) telemetry?.observeTakeOver(begun.run);
    return begun;
  };
  return {
    ...store,
    runs: { ...runs, commit, beginDrive },
    transaction: (work) => store.transaction(work),
    checkWritable: () => store.checkWritable(),
    readTime: () => store.readTime(),
    close: () => store.close(),
  };
}
