import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { Moment } from '../../design/moment.js';
import { Panel } from '../../design/panel.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { draftsQuery } from './queries.js';

const t = text.editor;

/** What is being written, for who may. */
export function DraftsPanel(): ReactNode {
  const mayWrite = hasScope(useSession(), 'workflows:write');
  const { data: drafts, error } = useQuery({ ...draftsQuery, enabled: mayWrite });
  if (!mayWrite) return null;
  return (
    <Panel
      title={t.drafts}
      side={
        <Link to="/drafts/$draftId" params={{ draftId: 'new' }}>
          {t.create}
        </Link>
      }
    >
      {drafts === undefined ? (
        <NotYet error={error} size="h-6" />
      ) : drafts.length === 0 ? (
        <p className="text-soft">{t.draftsAbout}</p>
      ) : (
        <ul className="space-y-1.5">
          {drafts.map(({ id, name, workflow_id: workflowId, fault_count: faults, updated_at: at }) => (
            <li key={id} data-row className="wrap-anywhere">
              <Link to="/drafts/$draftId" params={{ draftId: id }} data-open>
                {name ?? workflowId ?? t.unnamed}
              </Link>{' '}
              <span className="text-sm text-soft">
                {t.faultsOf(faults)}, {t.changed} <Moment at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
