import type { Store } from '../../core/ports/store/store.js';
import type { ServerMetrics } from './server-metrics.js';

/** The same store, with what is recorded of runs counted on the way. */
export function countCommits(store: Store, metrics: ServerMetrics): Store {
  const { runs } = store;
  const commit: Store['runs']['commit'] = async (params) => {
    const begun = performance.now();
    const outcome = await runs.commit(params);
    metrics.observeCommit(outcome, (performance.now() - begun) / 1_000);
    if (outcome === 'kept') metrics.observeRun(params.run, params.events);
    return outcome;
  };
  return {
    ...store,
    runs: { ...runs, commit },
    transaction: (work) => store.transaction(work),
    checkWritable: () => store.checkWritable(),
    close: () => store.close(),
  };
}
