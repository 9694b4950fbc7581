import { useState } from 'react';
import { MAX_NAMED_RUNS, STATUSES_FOR, type BulkAction } from '@core/bulk/bulk-job.js';
import type { ApiRunListItem } from '@api/api-types.js';

/** Runs that somebody has selected, by id; they stay so on other pages of the list. */
export interface Selection {
  readonly ids: readonly string[];
  readonly has: (runId: string) => boolean;
  /** Selects all of them, or none. */
  readonly set: (runs: readonly ApiRunListItem[], isSelected: boolean) => void;
  readonly clear: () => void;
  /** What can be done to any of them, as they stood when they were selected. */
  readonly allows: (action: BulkAction) => boolean;
}

export function useSelection(): Selection {
  const [selected, setSelected] = useState<ReadonlyMap<string, ApiRunListItem>>(new Map());
  return {
    ids: [...selected.keys()],
    has: (runId) => selected.has(runId),
    set(runs, isSelected) {
      const next = new Map(selected);
      for (const run of runs) {
        if (!isSelected) next.delete(run.run_id);
        else if (next.size < MAX_NAMED_RUNS) next.set(run.run_id, run);
      }
      setSelected(next);
    },
    clear: () => setSelected(new Map()),
    allows: (action) => [...selected.values()].some(({ status }) => STATUSES_FOR[action].includes(status)),
  };
}
