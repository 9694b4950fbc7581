import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import { ErrandError } from '@core/errors.js';
import { messageOf } from '../../api/client.js';
import { graphQuery } from '../../api/queries.js';
import { lastFilters } from '../../app/run-filters.js';
import { RUN_VIEWS, type RunView } from '../../app/run-search.js';
import { loadPart } from '../../app/stale-page.js';
import { Notice } from '../../design/notice.js';
import { showPart } from '../../design/show-part.js';
import { text } from '../../text/en.js';
import { RunActions } from './actions/run-actions.js';
import { AgentsPanel } from './agents-panel.js';
import { FailurePanel } from './failure/failure-panel.js';
import { HistoryReader, type RunHistory } from './history/history.js';
import { findNode } from './history/inner-nodes.js';
import { QuestionsPanel } from './questions-panel.js';
import { RunHeader } from './run-header.js';
import { useRun, type LiveRun } from './use-run.js';
import { DataView } from './views/data-view.js';
import { Log } from './views/log.js';
import { NodePanel } from './node/node-panel.js';
import { Timeline } from './views/timeline/timeline.js';

const t = text.run;

/** Brings what places graphs with it. */
const loadGraph = async () => {
  const { GraphView, prepareGraph } = await loadPart(() => import('./views/graph/graph.js'));
  LoadedGraph = GraphView;
  return { default: GraphView, prepareGraph };
};
const LazyGraph = lazy(loadGraph);
/** Shown without a fallback before it, which React would let stand for a while. */
let LoadedGraph: Awaited<ReturnType<typeof loadGraph>>['default'] | null = null;

/** One run: what is wrong first, then who works at it, then when, what and with what. */
export function RunScreen(): ReactNode {
  const { runId } = useParams({ from: '/runs/$runId' });
  // Another run is another page, with a feed of its own.
  return <Run key={runId} runId={runId} />;
}

function Run({ runId }: { readonly runId: string }): ReactNode {
  const { view, node: chosen } = useSearch({ from: '/runs/$runId' });
  const live = useRun(runId, view === 'log');
  const { run, head, error } = live;
  const [reader] = useState(() => new HistoryReader());
  const history = reader.read(live.feed.events);
  usePreparedGraph(runId, view === 'graph');
  return (
    <div className="space-y-4">
      <BackLink />
      {run === undefined && error !== null && <RunFault error={error} />}
      {run === undefined && error === null && head !== undefined && (
        <RunHeader run={head} feed={live.feed.state} actions={null} />
      )}
      {run === undefined && error === null && <Skeleton head={head} isLog={view === 'log'} />}
      {run !== undefined && <RunTop run={run} live={live} history={history} />}
      {(run !== undefined || (view === 'log' && head !== undefined && error === null)) && (
        <RunParts run={run} live={live} history={history} chosen={chosen} />
      )}
    </div>
  );
}

/** Reads the plan beside the run, not after it, and has it ready for the drawing. */
function usePreparedGraph(runId: string, isShown: boolean): void {
  const { data: plan } = useQuery({ ...graphQuery(runId), enabled: isShown });
  useEffect(() => {
    if (!isShown) return undefined;
    let stop: () => void = () => undefined;
    let isLeft = false;
    const prepare = async (): Promise<void> => {
      const { prepareGraph } = await loadGraph();
      if (!isLeft) stop = prepareGraph(plan);
    };
    // What is wrong with it is told where it is shown.
    prepare().catch(() => undefined);
    return () => {
      isLeft = true;
      stop();
    };
  }, [isShown, plan]);
}

/** To the list as it was filtered. */
function BackLink(): ReactNode {
  const search = lastFilters();
  return (
    <Link to="/runs" search={search} className="text-sm" data-back>
      ← {Object.keys(search).length === 0 ? t.back : t.backFiltered}
    </Link>
  );
}

function RunFault({ error }: { readonly error: unknown }): ReactNode {
  const isUnknown = error instanceof ErrandError && ['not_found', 'invalid_input'].includes(error.code);
  return <Notice kind="failed">{isUnknown ? t.notFound : messageOf(error)}</Notice>;
}

function Skeleton({ head, isLog }: { readonly head: ApiRun | undefined; readonly isLog: boolean }): ReactNode {
  // Of a run that is all well, nothing will stand above its log.
  if (isLog && head?.status === 'completed' && head.agent_count === 0) return null;
  return (
    <div className="space-y-3" role="status" aria-label={text.common.loading}>
      {head === undefined && <div className="skeleton h-9 w-72 max-w-full" />}
      {(head === undefined || isLog) && <div className="skeleton h-24" />}
      {(head === undefined || !isLog) && <div className="skeleton h-64" />}
    </div>
  );
}

interface PartProps<Shown extends ApiRun | undefined = ApiRun> {
  readonly run: Shown;
  readonly live: LiveRun;
  readonly history: RunHistory;
}

/** What a run is, what went wrong and what it asks. */
function RunTop({ run, live, history }: PartProps): ReactNode {
  const { feed, refresh, error } = live;
  const actions = <RunActions run={run} input={history.input} refresh={refresh} />;
  // Where something went wrong, what can be done stands beside why.
  const isInPanel = run.terminal && run.status !== 'completed';
  return (
    <>
      <RunHeader run={run} feed={feed.state} actions={isInPanel ? null : actions} />
      {error !== null && <Notice kind="waiting">{text.common.unreachable}</Notice>}
      {feed.state === 'broken' && <Notice kind="failed">{messageOf(feed.error)}</Notice>}
      <FailurePanel run={run} history={history} actions={actions} />
      <QuestionsPanel run={run} refresh={refresh} />
      <AgentsPanel nodes={run.nodes} />
    </>
  );
}

/** The views of it, and the node that was chosen beside them. The log needs no run. */
function RunParts({
  run,
  live,
  history,
  chosen,
}: PartProps<ApiRun | undefined> & { readonly chosen: string | undefined }): ReactNode {
  const node = run === undefined ? undefined : findNode(run, history, chosen);
  return (
    <div className={node === undefined ? '' : 'grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,30rem)]'}>
      <Views run={run} live={live} history={history} />
      {run !== undefined && node !== undefined && (
        <NodePanel key={node.id} runId={run.run_id} node={node} history={history.nodes.get(node.id)} />
      )}
    </div>
  );
}

function Views({ run, live, history }: PartProps<ApiRun | undefined>): ReactNode {
  const { view = 'timeline' } = useSearch({ from: '/runs/$runId' });
  return (
    <section aria-label={text.views.label} className="overflow-hidden rounded-lg border border-line bg-panel">
      <ViewLinks shown={view} />
      {view === 'log' && <Log feed={live.feed} />}
      {view !== 'log' && run !== undefined && <ViewOfNodes run={run} history={history} view={view} />}
    </section>
  );
}

function ViewOfNodes({
  run,
  history,
  view,
}: Omit<PartProps, 'live'> & { readonly view: Exclude<RunView, 'log'> }): ReactNode {
  const { node } = useSearch({ from: '/runs/$runId' });
  const GraphView = LoadedGraph ?? LazyGraph;
  if (view === 'timeline') return <Timeline run={run} history={history} chosen={node} />;
  if (view === 'data') return <DataView run={run} history={history} />;
  return (
    <Suspense fallback={<div className="skeleton m-4 h-64" />}>
      <GraphView run={run} history={history} chosen={node} />
    </Suspense>
  );
}

function ViewLinks({ shown }: { readonly shown: RunView }): ReactNode {
  return (
    <nav aria-label={text.views.label} data-parts className="flex gap-1 overflow-x-auto border-b border-line px-2">
      {RUN_VIEWS.map((view) => (
        <Link
          key={view}
          ref={view === shown ? showPart : undefined}
          from="/runs/$runId"
          search={(search) => ({ ...search, view })}
          resetScroll={false}
          aria-current={view === shown ? 'page' : undefined}
          className={`plain border-b-2 px-3 py-2.5 text-sm font-medium whitespace-nowrap ${view === shown ? 'border-link text-ink' : 'border-transparent text-soft hover:text-ink'}`}
        >
          {text.views[view]}
        </Link>
      ))}
    </nav>
  );
}
