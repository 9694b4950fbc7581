import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { stringify } from 'yaml';
import { ErrandError } from '@core/errors.js';
import { hasScope } from '@core/tenant/principal.js';
import { messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Notice } from '../../design/notice.js';
import { text } from '../../text/en.js';
import { Editor } from './editor.js';
import { draftQuery, versionQuery, versionsQuery } from './queries.js';

const t = text.editor;

/** Not the id of a draft: one that is not kept yet. */
const NEW = 'new';

/** A definition that is being written. */
export function EditorScreen(): ReactNode {
  const { draftId } = useParams({ from: '/drafts/$draftId' });
  const { from } = useSearch({ from: '/drafts/$draftId' });
  const session = useSession();
  return (
    <div className="space-y-4">
      <Link to="/workflows" className="text-sm" data-back>
        ← {text.workflows.title}
      </Link>
      {!hasScope(session, 'workflows:write') && <Notice kind="waiting">{t.mayNot}</Notice>}
      {hasScope(session, 'workflows:write') &&
        (draftId !== NEW ? (
          <KeptDraft key={draftId} id={draftId} />
        ) : from === undefined ? (
          <Editor start={t.start} draft={null} baseVersion={null} workflowId={null} />
        ) : (
          <FromWorkflow workflowId={from} />
        ))}
    </div>
  );
}

function KeptDraft({ id }: { readonly id: string }): ReactNode {
  const { data: draft, error } = useQuery(draftQuery(id));
  if (error !== null) return <Fault error={error} unknown={t.notFound} />;
  if (draft === undefined) return <div className="skeleton h-96" />;
  // One that somebody has saved since is another text to begin with.
  return (
    <Editor
      key={draft.id}
      start={draft.text}
      draft={draft}
      baseVersion={draft.base_version}
      workflowId={draft.workflow_id}
    />
  );
}

function FromWorkflow({ workflowId }: { readonly workflowId: string }): ReactNode {
  const { data: versions, error } = useQuery(versionsQuery(workflowId));
  const version = versions?.published ?? null;
  const { data: base, error: baseError } = useQuery({
    ...versionQuery({ workflowId, version: version ?? 0 }),
    enabled: version !== null,
  });
  const fault = error ?? baseError;
  if (fault !== null) return <Fault error={fault} unknown={t.notPublished} />;
  if (versions !== undefined && version === null) return <Notice kind="waiting">{t.notPublished}</Notice>;
  if (base === undefined) return <div className="skeleton h-96" />;
  return <Editor start={stringify(base.definition)} draft={null} baseVersion={version} workflowId={workflowId} />;
}

function Fault({ error, unknown }: { readonly error: unknown; readonly unknown: string }): ReactNode {
  const isUnknown = error instanceof ErrandError && ['not_found', 'invalid_input'].includes(error.code);
  return <Notice kind="failed">{isUnknown ? unknown : messageOf(error)}</Notice>;
}
