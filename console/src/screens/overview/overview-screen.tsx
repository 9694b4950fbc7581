import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import type { RunStatus } from '@core/run/run.js';
import { countQuery, latestRunsQuery, runQuery, workflowsQuery } from '../../api/queries.js';
import { Panel } from '../../design/panel.js';
import { StatusIcon } from '../../design/status.js';
import { text } from '../../text/en.js';
import { FirstRun } from '../runs/first-run.js';
import { WorkflowCard } from './workflow-card.js';

const t = text.overview;
/** Of the runs that go on, how many are looked at for questions. */
const MAX_ASKED = 30;

/** What goes on now, what needs a person, and how each workflow fares. */
export function OverviewScreen(): ReactNode {
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: all } = useQuery(countQuery());
  return (
    <div className="space-y-4">
      <h1 className="text-xl">{t.title}</h1>
      {all === 0 ? <FirstRun /> : <Counts />}
      <Questions />
      <section aria-label={t.workflows} className="space-y-3">
        <h2 className="text-base">{t.workflows}</h2>
        <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
          {workflows?.map((workflow) => (
            <li key={workflow.id} className="min-w-0">
              <WorkflowCard workflow={workflow} />
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function Counts(): ReactNode {
  return (
    <section aria-label={t.now} className="grid grid-cols-1 gap-3 sm:grid-cols-3">
      {(['running', 'pending', 'failed'] as const).map((status) => (
        <Count key={status} status={status} label={t.counts[status]} />
      ))}
    </section>
  );
}

function Count({ status, label }: { readonly status: RunStatus; readonly label: string }): ReactNode {
  const { data: count } = useQuery(countQuery(status));
  return (
    <Link
      to="/runs"
      search={{ status }}
      className={`plain state state-${status} flex items-center gap-3 rounded-lg border border-line bg-panel p-4 text-ink hover:border-edge`}
    >
      <span className="rounded-full bg-(--state-ground) p-2 text-(--state)">
        <StatusIcon status={status} />
      </span>
      <span>
        <span className="block text-2xl leading-tight font-semibold tabular-nums">
          {count === undefined ? '–' : count.toLocaleString()}
        </span>
        <span className="text-sm text-soft">{label}</span>
      </span>
    </Link>
  );
}

/** Questions are in the runs themselves: those that go on are looked at. */
function Questions(): ReactNode {
  const { data } = useQuery(latestRunsQuery({ status: 'running', limit: MAX_ASKED }));
  const running = useQueries({
    queries: (data ?? []).map(({ run_id: id }) => ({ ...runQuery(id), refetchInterval: 10_000 })),
  });
  const asking = running.flatMap(({ data: run }) => (run === undefined ? [] : questionsOf(run)));
  return (
    <Panel title={t.needs}>
      {asking.length === 0 ? (
        <p className="text-soft">{t.nothing}</p>
      ) : (
        <ul className="space-y-2">
          {asking.map(({ run, node, message }) => (
            <li key={`${run.run_id} ${node}`} className="wrap-anywhere">
              <b className="font-semibold">
                {run.workflow_name}: {t.asks(node)}
              </b>{' '}
              <span className="line-clamp-2">{message}</span>
              <Link to="/runs/$runId" params={{ runId: run.run_id }}>
                {t.open}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function questionsOf(run: ApiRun) {
  return run.nodes.flatMap(({ question, label, id }) =>
    question === null ? [] : [{ run, node: label ?? id, message: question.message }],
  );
}
