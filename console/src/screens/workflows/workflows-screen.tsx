import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiWorkflow } from '@api/api-types.js';
import { messageOf } from '../../api/client.js';
import { workflowsQuery } from '../../api/queries.js';
import { Notice } from '../../design/notice.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { DraftsPanel } from '../editor/drafts-panel.js';

const t = text.workflows;

export function WorkflowsScreen(): ReactNode {
  const { data: workflows, error } = useQuery(workflowsQuery);
  return (
    <div className="space-y-3">
      <Heading title={t.title} />
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {workflows === undefined && error === null && <div className="skeleton h-40" />}
      {workflows?.length === 0 && <p className="rounded-lg border border-line bg-panel p-6">{t.none}</p>}
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {workflows?.map((workflow) => (
          <li
            key={workflow.id}
            data-row
            className="relative min-w-0 rounded-lg border border-line bg-panel p-4 hover:border-edge"
          >
            <Workflow workflow={workflow} />
          </li>
        ))}
      </ul>
      <DraftsPanel />
    </div>
  );
}

function Workflow({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  return (
    <>
      <h2 className="text-base wrap-anywhere">
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: workflow.id }}
          data-open
          className="plain text-ink after:absolute after:inset-0 hover:underline"
        >
          {workflow.name}
        </Link>
      </h2>
      <p className="mb-2 text-sm text-soft">
        <code>{workflow.id}</code> · {t.version(workflow.version)} · {t.credits(workflow.credits)}
        {workflow.estimated_duration !== null && ` · ${workflow.estimated_duration}`}
      </p>
      <p className="line-clamp-3 text-sm wrap-anywhere">{workflow.description}</p>
      {!workflow.ready && (
        <p className="mt-2 text-sm text-waiting wrap-anywhere">
          {t.notReady}: {workflow.not_ready_because}
        </p>
      )}
    </>
  );
}
