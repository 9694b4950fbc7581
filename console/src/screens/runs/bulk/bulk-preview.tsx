import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiBulkPreview } from '@api/bulk-types.js';
import { RUN_STATUSES } from '@core/run/run.js';
import { modelCostQuery } from '../../../api/bulk-queries.js';
import { Notice } from '../../../design/notice.js';
import { StatusBadge } from '../../../design/status.js';
import { formatCost } from '../../../format/format.js';
import { text } from '../../../text/en.js';

const t = text.bulk;
const MAX_WORKFLOWS = 6;

/** How many runs, and what it costs, before it is done. */
export function BulkPreview({ preview }: { readonly preview: ApiBulkPreview }): ReactNode {
  const { action, runs, has_more: hasMore, skipped, by_status: statuses } = preview;
  if (runs === 0 && !hasMore) {
    return (
      <div className="space-y-2 rounded-md bg-sunken p-3 text-sm">
        <p>{t.nothing[action]}</p>
        {skipped > 0 && <p className="text-soft">{t.skipped(skipped)}</p>}
      </div>
    );
  }
  return (
    <div className="space-y-3 rounded-md bg-sunken p-3 text-sm">
      <p className="text-base font-semibold tabular-nums">{t.wouldBe[action](runs, hasMore)}</p>
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {RUN_STATUSES.filter((status) => statuses[status] !== undefined).map((status) => (
          <li key={status} className="flex items-center gap-1.5 tabular-nums">
            <StatusBadge status={status} /> {statuses[status]?.toLocaleString()}
          </li>
        ))}
      </ul>
      <Workflows preview={preview} />
      {hasMore && <p>{t.hasMore}</p>}
      {skipped > 0 && <p className="text-soft">{t.skipped(skipped)}</p>}
      <Cost preview={preview} />
    </div>
  );
}

function Workflows({ preview: { by_workflow: workflows } }: { readonly preview: ApiBulkPreview }): ReactNode {
  const others = workflows.length - MAX_WORKFLOWS;
  return (
    <ul>
      {workflows.slice(0, MAX_WORKFLOWS).map(({ workflow_id: id, runs }) => (
        <li key={id} className="flex justify-between gap-4">
          <span className="min-w-0 truncate font-mono">{id}</span>
          <span className="tabular-nums">{runs.toLocaleString()}</span>
        </li>
      ))}
      {others > 0 && <li className="text-soft">{t.moreWorkflows(others)}</li>}
    </ul>
  );
}

function Cost({ preview }: { readonly preview: ApiBulkPreview }): ReactNode {
  const { action, credits_reserved: reserved, credits_released: released, credits_available: available } = preview;
  const { data: models = null } = useQuery({
    ...modelCostQuery(preview),
    ...(action === 'rerun' ? {} : { enabled: false }),
  });
  if (action === 'cancel') return <p>{t.releases(released)}</p>;
  return (
    <>
      <p>
        {t.reserves(reserved, available)} {models === null ? t.modelsAgain : t.models(formatCost(models))}
      </p>
      {reserved > available && <Notice kind="waiting">{t.tooFew}</Notice>}
    </>
  );
}
