import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { JsonTree } from '../../../design/json-tree.js';
import { Moment, Took } from '../../../design/moment.js';
import { Fact, Panel } from '../../../design/panel.js';
import { StatusBadge } from '../../../design/status.js';
import { formatCost } from '../../../format/format.js';
import { text } from '../../../text/en.js';
import { adviceFor } from './advice.js';
import { nameOf } from './node-name.js';
import { RunLink } from '../../../design/run-link.js';
import type { NodeHistory } from '../history/history.js';
import { WaitsFor } from '../waits.js';
import { NodeGiven } from './node-given.js';
import { NodeItems } from './node-items.js';
import { Steps } from './steps/steps.js';

const t = text.node;

/** All that is known of one node. */
export function NodePanel({
  runId,
  node,
  history,
}: {
  readonly runId: string;
  readonly node: ApiNode;
  readonly history: NodeHistory | undefined;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // What it gives, a promise in newer browsers, is not what undoes the effect.
    place.current?.scrollIntoView({ block: 'nearest' });
    // Whoever opens it by the keyboard reads on in it.
    if (document.activeElement?.matches(':focus-visible') === true) place.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div ref={place} tabIndex={-1}>
      <Panel
        title={nameOf(node)}
        side={
          <span className="flex items-center gap-3">
            <StatusBadge status={node.status} />
            <CloseLink />
          </span>
        }
      >
        <div className="space-y-4">
          <NodeFacts node={node} />
          {node.held_up_by !== null && <p className="text-waiting wrap-anywhere">{t.heldUp(node.held_up_by)}</p>}
          {typeof history?.skippedBecause === 'string' && (
            <p className="wrap-anywhere">
              {t.because} {history.skippedBecause}
            </p>
          )}
          {node.error !== null && <NodeFault error={node.error} />}
          <NodeGiven runId={runId} node={node} title={t.given} bound="max-h-80" />
          <AttemptList history={history} />
          {history !== undefined && <Steps node={node} history={history} />}
          {node.items !== null && <NodeItems runId={runId} node={node} />}
          <div>
            <h3 className="mb-1 text-sm font-semibold">{t.output}</h3>
            {history?.output === undefined ? (
              <p className="text-soft">{t.noOutput}</p>
            ) : (
              <JsonTree value={history.output} />
            )}
          </div>
        </div>
      </Panel>
    </div>
  );
}

function NodeFault({ error }: { readonly error: NonNullable<ApiNode['error']> }): ReactNode {
  return (
    <div>
      <h3 className="text-sm font-semibold text-failed">
        {t.error} <code className="rounded border border-failed px-1.5 text-[0.8125rem] font-normal">{error.kind}</code>
      </h3>
      <p className="font-mono text-sm whitespace-pre-wrap wrap-anywhere">{error.message}</p>
      <p className="mt-1 text-sm text-soft">{adviceFor(error.kind)}</p>
    </div>
  );
}

function CloseLink(): ReactNode {
  return (
    <Link
      from="/runs/$runId"
      data-back
      search={({ view }) => (view === undefined ? {} : { view })}
      resetScroll={false}
      className="text-sm"
    >
      {text.common.close}
    </Link>
  );
}

function NodeFacts({ node }: { readonly node: ApiNode }): ReactNode {
  const { usage, items } = node;
  return (
    <dl className="flex flex-wrap items-end gap-x-6 gap-y-2 text-sm">
      <Fact name={text.timeline.node}>
        <code>{node.id}</code>
      </Fact>
      <Fact name={t.kind}>{node.kind}</Fact>
      {node.started_at !== null && (
        <Fact name={text.run.started}>
          <Moment at={node.started_at} />
        </Fact>
      )}
      {node.started_at !== null && (
        <Fact name={text.run.took}>
          <Took from={node.started_at} to={node.completed_at} />
        </Fact>
      )}
      {node.waiting_for !== null && (
        <Fact name={t.waits}>
          <WaitsFor node={node} />
        </Fact>
      )}
      {items !== null && (
        <Fact name={text.timeline.items(items.done, items.total, items.failed)}>
          <progress value={items.done} max={Math.max(1, items.total)} />
        </Fact>
      )}
      {usage !== null && (
        <Fact name={text.run.cost}>
          <span title={text.run.tokens(usage.input_tokens, usage.output_tokens)}>
            {formatCost(usage.cost_usd)} · {text.run.calls(usage.calls)}
          </span>
        </Fact>
      )}
      {node.child_run_id !== null && (
        <Fact name={text.run.id}>
          <RunLink runId={node.child_run_id}>{text.failure.childRun}</RunLink>
        </Fact>
      )}
    </dl>
  );
}

function AttemptList({ history }: { readonly history: NodeHistory | undefined }): ReactNode {
  const attempts = history?.attempts ?? [];
  if (attempts.length < 2) return null;
  return (
    <div>
      <h3 className="mb-1 text-sm font-semibold">{t.attempts}</h3>
      <ol className="space-y-1 text-sm">
        {attempts.map(({ number, from, to, error }) => (
          <li key={from} className="wrap-anywhere">
            <span className="text-soft">
              {text.failure.attempt(number)} · <Moment at={from} /> · <Took from={from} to={to} />
            </span>{' '}
            {error !== null && (
              <span className="text-failed">
                <code>{error.kind}</code> {error.message}
              </span>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
