import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { BULK_ACTIONS, STATUSES_FOR, type BulkAction } from '@core/bulk/bulk-job.js';
import type { ApiBulkFilter } from '@api/bulk-types.js';
import { hasScope } from '@core/tenant/principal.js';
import { toBulkFilter } from '../../../api/bulk-queries.js';
import type { RunFilters } from '../../../app/run-filters.js';
import { useSession } from '../../../app/session-context.js';
import { Button } from '../../../design/button.js';
import { text } from '../../../text/en.js';
import { BulkDialog } from './bulk-dialog.js';
import type { Selection } from './use-selection.js';

const t = text.bulk;

interface Asked {
  readonly action: BulkAction;
  readonly filter: ApiBulkFilter;
}

/** What can be done to everything that the list finds, or to what is selected. */
export function BulkBar({
  filters,
  selection,
}: {
  readonly filters: RunFilters;
  readonly selection: Selection;
}): ReactNode {
  const session = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { ids } = selection;
  const hasSelected = ids.length > 0;
  const isPossible = (action: BulkAction): boolean =>
    hasSelected
      ? selection.allows(action)
      : filters.status === undefined || STATUSES_FOR[action].includes(filters.status);
  const ask = (action: BulkAction): void =>
    setAsked({ action, filter: hasSelected ? { run_ids: ids } : toBulkFilter(filters) });
  return (
    <div role="group" aria-label={t.bar} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      {hasSelected && <span className="pr-1 font-medium tabular-nums">{t.selected(ids.length)}</span>}
      {hasScope(session, 'run') &&
        BULK_ACTIONS.filter(isPossible).map((action) => (
          <Button key={action} onClick={() => ask(action)}>
            {hasSelected ? t.some[action] : t.all[action]}
          </Button>
        ))}
      {hasSelected && (
        <Button look="quiet" onClick={selection.clear}>
          {t.clear}
        </Button>
      )}
      <Link to="/bulk-jobs" className="ml-auto">
        {t.title}
      </Link>
      {asked !== null && <BulkDialog {...asked} onClose={() => setAsked(null)} onStarted={selection.clear} />}
    </div>
  );
}
