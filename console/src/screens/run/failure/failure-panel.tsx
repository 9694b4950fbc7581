import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiNode, ApiRun } from '@api/api-types.js';
import type { Json } from '@core/json.js';
import { JsonTree } from '../../../design/json-tree.js';
import { Took } from '../../../design/moment.js';
import { RunLink } from '../../../design/run-link.js';
import { StatusIcon } from '../../../design/status.js';
import { text } from '../../../text/en.js';
import type { Attempt, RunHistory } from '../history/history.js';
import { findNode } from '../history/inner-nodes.js';
import { nameOf } from '../node/node-name.js';
import { NodeGiven } from '../node/node-given.js';
import { adviceOn, failedChildOf } from '../node/advice.js';
import { ChildFailure } from './child-failure.js';
import { findInnermost, InsideFailures } from './inside-failures.js';

const t = text.failure;
/** Of nodes that were cut short, as many are named. */
const MAX_NAMED = 5;

/** What went wrong with a run, before everything else: which node, why, and what to do. Nothing when all is well. */
export function FailurePanel({
  run,
  history,
  actions,
}: {
  readonly run: ApiRun;
  readonly history: RunHistory;
  /** Buttons for what can be done. */
  readonly actions: ReactNode;
}): ReactNode {
  if (run.status === 'failed' && run.error !== null) return <Failed run={run} history={history} actions={actions} />;
  if (run.status === 'partial_complete') return <Partial run={run} actions={actions} />;
  if (run.status === 'cancelled') return <Cancelled reason={history.cancelReason} actions={actions} />;
  return null;
}

function Failed({
  run,
  history,
  actions,
}: {
  readonly run: ApiRun;
  readonly history: RunHistory;
  readonly actions: ReactNode;
}): ReactNode {
  const error = run.error ?? { kind: 'error', message: '', node_id: null };
  const node = findNode(run, history, error.node_id) ?? null;
  const inside = node === null ? [] : findInnermost(run, history, node);
  const child = node === null ? null : failedChildOf(node);
  const others = run.nodes.filter(({ id, status }) => status === 'failed' && id !== error.node_id);
  return (
    <section
      aria-labelledby="why"
      className="state state-failed rounded-lg border-2 border-(--state) bg-panel"
      data-testid="failure"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-t-md bg-(--state-ground) px-4 py-2.5 text-(--state)">
        <StatusIcon status="failed" />
        <h2 id="why" className="text-base wrap-anywhere">
          {node === null ? t.itself : t.atNode(nameOf(node))}
        </h2>
        {node !== null && <NodeFacts node={node} />}
        <code className="rounded border border-(--state) px-1.5 text-[0.8125rem]">{error.kind}</code>
      </div>
      <div className="space-y-4 p-4">
        <div className="grid gap-x-8 gap-y-4 lg:grid-cols-[3fr_2fr]">
          <div className="min-w-0 space-y-4">
            <Message>{error.message}</Message>
            {child !== null && <ChildFailure runId={child} />}
            {node !== null && <InsideFailures failed={inside} node={node} />}
            {node === null && <CutShort nodes={run.nodes} />}
            <div>
              <h3 className="text-sm font-semibold">{t.todo}</h3>
              <p className="max-w-prose">{adviceOn(error, node)}</p>
            </div>
            <div className="flex flex-wrap items-center gap-2">
              {actions}
              {node !== null && node.child_run_id !== null && <RunLink runId={node.child_run_id}>{t.childRun}</RunLink>}
            </div>
          </div>
          <div className="min-w-0 space-y-3">
            {node !== null && <GivenTo runId={run.run_id} node={inside[0] ?? node} told={error.message} />}
            <Given input={history.input} />
          </div>
        </div>
        {node !== null && <Attempts attempts={history.nodes.get(node.id)?.attempts ?? []} />}
        {others.length > 0 && <FailedNodes title={t.others} nodes={others} />}
      </div>
    </section>
  );
}

/** As the node is named in the workflow's file, too: that is where it is mended. */
function NodeFacts({ node }: { readonly node: ApiNode }): ReactNode {
  return (
    <span className="text-sm">
      <code>{node.id}</code> · {node.kind}
      {node.items !== null && ` · ${text.timeline.items(node.items.done, node.items.total, node.items.failed)}`}
    </span>
  );
}

function Message({ children }: { readonly children: string }): ReactNode {
  return (
    <pre
      tabIndex={0}
      aria-label={t.message}
      className="max-h-72 max-sm:max-h-40 overflow-auto font-mono text-[0.9375rem] leading-relaxed whitespace-pre-wrap wrap-anywhere"
    >
      {children}
    </pre>
  );
}

/** What was at work when the run was ended. */
function CutShort({ nodes }: { readonly nodes: readonly ApiNode[] }): ReactNode {
  const cut = nodes.filter(({ status }) => status === 'cancelled');
  if (cut.length === 0) return null;
  return (
    <p className="text-sm wrap-anywhere">
      {t.cutShort}{' '}
      {cut.slice(0, MAX_NAMED).map((node, place) => (
        <span key={node.id}>
          {place > 0 && ', '}
          <Link from="/runs/$runId" search={(search) => ({ ...search, node: node.id })} resetScroll={false}>
            {nameOf(node)}
          </Link>
        </span>
      ))}
      {cut.length > MAX_NAMED && ` ${text.graph.andMore(cut.length - MAX_NAMED)}`}
    </p>
  );
}

function GivenTo({
  runId,
  node,
  told,
}: {
  readonly runId: string;
  readonly node: ApiNode;
  readonly told: string;
}): ReactNode {
  return <NodeGiven runId={runId} node={node} title={text.node.givenOf(nameOf(node))} bound="max-h-40" told={told} />;
}

/** Most failures are of what came in. */
function Given({ input }: { readonly input: Json | undefined }): ReactNode {
  if (input === undefined) return null;
  return (
    <div className="min-w-0">
      <h3 className="text-sm font-semibold">{t.given}</h3>
      <div className="max-h-40 overflow-auto" tabIndex={0} role="group" aria-label={t.given}>
        <JsonTree value={input} />
      </div>
    </div>
  );
}

/** Side by side where they differ. */
function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }): ReactNode {
  const failed = attempts.filter(({ error }) => error !== null);
  if (failed.length < 2) return null;
  const isSame = failed.every(({ error }) => error?.message === failed[0]?.error?.message);
  if (isSame) {
    return (
      <p className="text-sm text-soft">
        {t.alike(failed.length)}:{' '}
        {failed.map(({ from, to }, place) => (
          <span key={from}>
            {place > 0 && ', '}
            <Took from={from} to={to} />
          </span>
        ))}
      </p>
    );
  }
  return (
    <div>
      <h3 className="mb-1.5 text-sm font-semibold">{t.attempts}</h3>
      <ol aria-label={t.attempts} className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
        {failed.map(({ number, from, to, error }) => (
          <li key={`${number} ${from}`} className="min-w-0 rounded-md border border-line bg-sunken p-2.5 text-sm">
            <p className="text-soft">
              {t.attempt(number)} · <code>{error?.kind}</code> · <Took from={from} to={to} />
            </p>
            <p className="line-clamp-4 font-mono text-[0.8125rem] wrap-anywhere">{error?.message}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}

function FailedNodes({ title, nodes }: { readonly title: string; readonly nodes: readonly ApiNode[] }): ReactNode {
  return (
    <div>
      <h3 className="mb-1 text-sm font-semibold">{title}</h3>
      <ul className="space-y-1.5">
        {nodes.slice(0, 10).map((node) => (
          <li key={node.id} className="wrap-anywhere">
            <Link from="/runs/$runId" search={(search) => ({ ...search, node: node.id })}>
              {nameOf(node)}
            </Link>
            {node.used_fallback && <span className="text-soft"> ({t.fallback})</span>}: {node.error?.message}
            {node.error !== null && <p className="text-sm text-soft">{adviceOn(node.error, node)}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Partial({ run, actions }: { readonly run: ApiRun; readonly actions: ReactNode }): ReactNode {
  const missing = run.nodes.filter(({ status, used_fallback: usedFallback }) => status === 'failed' || usedFallback);
  return (
    <section
      aria-labelledby="why"
      className="state state-partial_complete rounded-lg border-2 border-(--state) bg-panel"
    >
      <h2 id="why" className="rounded-t-md bg-(--state-ground) px-4 py-2.5 text-base text-(--state)">
        {run.output_error === null ? t.partial : t.noOutput}
      </h2>
      <div className="space-y-4 p-4">
        {run.output_error !== null && <Message>{run.output_error}</Message>}
        {missing.length > 0 && <FailedNodes title={t.nodes} nodes={missing} />}
        <div className="flex flex-wrap gap-2">{actions}</div>
      </div>
    </section>
  );
}

function Cancelled({ reason, actions }: { readonly reason: string | null; readonly actions: ReactNode }): ReactNode {
  return (
    <section aria-labelledby="why" className="rounded-lg border border-line bg-panel p-4">
      <h2 id="why" className="text-base">
        {t.cancelled}
      </h2>
      <p className="mb-3 text-soft wrap-anywhere">{reason === null ? t.noReason : t.cancelledBecause(reason)}</p>
      <div className="flex flex-wrap gap-2">{actions}</div>
    </section>
  );
}
