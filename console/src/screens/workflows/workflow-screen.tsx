import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiWorkflow } from '@api/api-types.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { latestRunsQuery, workflowsQuery } from '../../api/queries.js';
import { JsonTree } from '../../design/json-tree.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { Heading } from '../../design/heading.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { VersionsPanel } from '../editor/versions-panel.js';
import { HooksPanel } from '../organization/starters/hooks-panel.js';
import { SchedulesPanel } from '../organization/starters/schedules-panel.js';
import { DaysPanel } from '../overview/days-panel.js';
import { RunTable } from '../runs/run-table.js';
import { Snippets } from './snippets.js';
import { StartForm } from './start-form.js';
import { TrendPanel } from './trend-panel.js';

const t = text.workflows;
const RECENT = 10;

/** One workflow: start it, see how it fares, call it from elsewhere. */
export function WorkflowScreen(): ReactNode {
  const { workflowId } = useParams({ from: '/workflows/$workflowId' });
  const { data: workflows, error } = useQuery(workflowsQuery);
  const workflow = workflows?.find(({ id }) => id === workflowId);
  return (
    <div className="space-y-4">
      <Link to="/workflows" className="text-sm" data-back>
        ← {t.title}
      </Link>
      {workflows === undefined && <NotYet error={error} size="h-40" />}
      {workflows !== undefined && workflow === undefined && <Notice kind="failed">{t.notFound}</Notice>}
      {workflow !== undefined && <WorkflowBody workflow={workflow} />}
    </div>
  );
}

function WorkflowBody({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  return (
    <>
      <header>
        <Heading title={workflow.name} />
        <p className="text-sm text-soft">
          <code>{workflow.id}</code> · {t.version(workflow.version)} · {t.credits(workflow.credits)}
          {workflow.estimated_duration !== null && ` · ${workflow.estimated_duration}`}
        </p>
        <p className="mt-2 max-w-prose wrap-anywhere">{workflow.description}</p>
        {workflow.agents.length > 0 && (
          <p className="mt-1 text-sm text-soft wrap-anywhere">
            {t.agents}: {workflow.agents.map(({ label }) => label).join(', ')}
          </p>
        )}
      </header>
      {!workflow.ready && (
        <Notice kind="waiting">
          {t.notReady}: {workflow.not_ready_because}
        </Notice>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title={t.start}>
          <StartForm workflow={workflow} />
        </Panel>
        <Panel title={t.fromElsewhere}>
          <Snippets workflow={workflow} />
        </Panel>
      </div>
      <DaysPanel workflowId={workflow.id} />
      <TrendPanel workflow={workflow} />
      <Starters workflowId={workflow.id} />
      <VersionsPanel workflowId={workflow.id} />
      <RecentRuns workflow={workflow} />
      <Schemas workflow={workflow} />
    </>
  );
}

/** What starts it beside people and programs that have a key. */
function Starters({ workflowId }: { readonly workflowId: string }): ReactNode {
  const session = useSession();
  return (
    <>
      <SchedulesPanel workflow={workflowId} />
      {hasScope(session, 'manage') && <HooksPanel workflow={workflowId} />}
    </>
  );
}

function RecentRuns({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  const { data: runs = [] } = useQuery(latestRunsQuery({ workflow: workflow.id, limit: RECENT }));
  if (runs.length === 0) return null;
  return (
    <section aria-label={t.recent} className="space-y-2">
      <div className="flex items-baseline justify-between">
        <h2 className="text-base">{t.recent}</h2>
        <Link to="/runs" search={{ workflow: workflow.id }} className="text-sm">
          {t.all}
        </Link>
      </div>
      <RunTable runs={runs} />
    </section>
  );
}

function Schemas({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title={t.inputSchema}>
        <JsonTree value={workflow.input_schema} open={3} />
      </Panel>
      {workflow.output_schema !== null && (
        <Panel title={t.outputSchema}>
          <JsonTree value={workflow.output_schema} open={3} />
        </Panel>
      )}
    </div>
  );
}
