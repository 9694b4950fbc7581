import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
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
import { Changes } from './changes.js';
import { versionDiffQuery, versionsQuery } from './queries.js';

const t = text.editor;

/** The versions of a workflow that the organization has published, and the way back to one. Nothing for others. */
export function VersionsPanel({ workflowId }: { readonly workflowId: string }): ReactNode {
  const mayWrite = hasScope(useSession(), 'workflows:write');
  const queries = useQueryClient();
  const [shown, setShown] = useState<number | null>(null);
  const { data } = useQuery({ ...versionsQuery(workflowId), enabled: mayWrite });
  const { mutate, isPending, error } = useMutation({
    mutationFn: (version: number) => client.call(rollBackWorkflow, { path: { id: workflowId }, body: { version } }),
    onSuccess: () => queries.invalidateQueries(),
  });
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
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
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
              <Button look="quiet" disabled={isPending} title={t.rolledBack} onClick={() => mutate(version)}>
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
            {shown === version && <VersionChanges workflowId={workflowId} version={version} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function VersionChanges(of: { readonly workflowId: string; readonly version: number }): ReactNode {
  const { data: diff, error } = useQuery(versionDiffQuery(of));
  return (
    <div className="w-full rounded-md bg-sunken p-3">
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {diff === undefined && error === null && <div className="skeleton h-10" />}
      {diff !== undefined && <Changes diff={diff} />}
    </div>
  );
}
