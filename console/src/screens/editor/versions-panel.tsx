import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { rollBackWorkflow } from '@api/endpoints/authoring.js';
import { hasScope } from '@core/tenant/principal.js';
import { client, messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { Moment } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { text } from '../../text/en.js';
import { ConfirmDialog } from '../organization/confirm-dialog.js';
import { Changes } from './changes.js';
import { versionDiffQuery, versionsQuery } from './queries.js';

const t = text.editor;

/** The versions of a workflow that the organization has published, and the way back to one. Nothing for others. */
export function VersionsPanel({ workflowId }: { readonly workflowId: string }): ReactNode {
  const mayWrite = hasScope(useSession(), 'workflows:write');
  const [shown, setShown] = useState<number | null>(null);
  const { data } = useQuery({ ...versionsQuery(workflowId), enabled: mayWrite });
  const [asked, setAsked] = useState<number | null>(null);
  if (data === undefined || data.published === null) return null;
  return (
    <Panel
      title={t.versions}
      side={
        <Link to="/drafts/$draftId" params={{ draftId: 'new' }} search={{ from: workflowId }}>
          {t.edit}
        </Link>
      }
    >
      <ul className="space-y-1.5">
        {data.versions.map(({ version, created_at: at }) => (
          <li key={version} className="flex flex-wrap items-center gap-2">
            <span>{text.workflows.version(version)}</span>
            <span className="text-sm text-soft">
              <Moment at={at} />
            </span>
            {version === data.published ? (
              <b className="text-sm text-completed">{t.published}</b>
            ) : (
              <Button look="quiet" onClick={() => setAsked(version)}>
                {t.rollBack(version)}
              </Button>
            )}
            {version > 1 && (
              <Button
                look="quiet"
                aria-expanded={shown === version}
                onClick={() => setShown(shown === version ? null : version)}
              >
                {t.changes.show(version)}
              </Button>
            )}
            {shown === version && <VersionChanges workflowId={workflowId} from={version - 1} to={version} />}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <RollBackDialog workflowId={workflowId} from={data.published} to={asked} onClose={() => setAsked(null)} />
      )}
    </Panel>
  );
}

function RollBackDialog({
  onClose,
  ...way
}: {
  readonly workflowId: string;
  readonly from: number;
  readonly to: number;
  readonly onClose: () => void;
}): ReactNode {
  const { workflowId, to } = way;
  const queries = useQueryClient();
  return (
    <ConfirmDialog
      title={t.rollBackTitle(to)}
      effect={t.rolledBack}
      confirm={t.rollBack(to)}
      look="main"
      act={async () => {
        await client.call(rollBackWorkflow, { path: { id: workflowId }, body: { version: to } });
        await queries.invalidateQueries();
      }}
      onClose={onClose}
    >
      <VersionChanges {...way} />
    </ConfirmDialog>
  );
}

function VersionChanges(of: { readonly workflowId: string; readonly from: number; readonly to: number }): ReactNode {
  const { data: diff, error } = useQuery(versionDiffQuery(of));
  return (
    <div className="w-full rounded-md bg-sunken p-3">
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {diff === undefined && error === null && <div className="skeleton h-10" />}
      {diff !== undefined && <Changes diff={diff} />}
    </div>
  );
}
