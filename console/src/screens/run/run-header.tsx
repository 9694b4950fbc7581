import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import { CopyButton } from '../../design/copy-button.js';
import { Moment, Took } from '../../design/moment.js';
import { Fact } from '../../design/panel.js';
import { StatusBadge } from '../../design/status.js';
import { formatCost, shortRunId } from '../../format/format.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { RunLink } from '../../design/run-link.js';
import type { FeedState } from './run-feed.js';
import { Waits } from './waits.js';

const t = text.run;

/** What a run is and how it stands, in one look. */
export function RunHeader({
  run,
  feed,
  actions,
}: {
  readonly run: ApiRun;
  readonly feed: FeedState;
  readonly actions: ReactNode;
}): ReactNode {
  return (
    <header className="space-y-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Heading title={run.workflow_name} state={text.status[run.status]} />
        <StatusBadge status={run.status} large />
        <FeedNote state={feed} terminal={run.terminal} />
        <div className="ml-auto flex flex-wrap gap-2">{actions}</div>
      </div>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-soft">
        <code className="wrap-anywhere">{run.run_id}</code>
        <CopyButton value={run.run_id} />
        <span>
          <Link to="/runs" search={{ workflow: run.workflow_id }}>
            {run.workflow_id}
          </Link>
          , {t.version(run.workflow_version)}
        </span>
      </p>
      <Waits nodes={run.nodes} />
      {run.waiting_for !== null && <p className="text-waiting wrap-anywhere">{t.waitsFor(run.waiting_for)}</p>}
      <Facts run={run} />
      {run.summary !== null && <p className="max-w-prose wrap-anywhere">{run.summary}</p>}
    </header>
  );
}

function FeedNote({ state, terminal }: { readonly state: FeedState; readonly terminal: boolean }): ReactNode {
  if (terminal) return null;
  const note = { live: t.live, reconnecting: t.reconnecting, paused: t.paused, loading: '', ended: '', broken: '' }[
    state
  ];
  return (
    <span aria-live="polite" className="text-sm text-soft">
      {note}
    </span>
  );
}

function Facts({ run }: { readonly run: ApiRun }): ReactNode {
  const { usage, parent, rerun_of: rerunOf } = run;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm">
      <Fact name={t.created}>
        <Moment at={run.created_at} />
      </Fact>
      {run.started_at !== null && (
        <Fact name={t.took}>
          <Took from={run.started_at} to={run.completed_at} />
        </Fact>
      )}
      <Fact name={t.credits}>
        {run.terminal
          ? t.creditsUsed(run.credits_consumed, run.credits_reserved)
          : t.creditsReserved(run.credits_reserved)}
      </Fact>
      {usage !== null && (
        <Fact name={t.cost}>
          <span title={t.tokens(usage.input_tokens, usage.output_tokens)}>
            {formatCost(usage.cost_usd)} · {t.calls(usage.calls)}
            {usage.unpriced_calls > 0 && ` · ${t.unpriced(usage.unpriced_calls)}`}
          </span>
        </Fact>
      )}
      {run.retries > 0 && <Fact name={t.retries}>{run.retries}</Fact>}
      {run.priority !== 0 && <Fact name={t.priority}>{run.priority}</Fact>}
      {parent !== null && (
        <Fact name={t.parent}>
          <RunLink runId={parent.run_id}>{t.parentNode(parent.node_id)}</RunLink>
        </Fact>
      )}
      {rerunOf !== null && (
        <Fact name={t.rerunOf}>
          <RunLink runId={rerunOf.run_id}>{shortRunId(rerunOf.run_id)}</RunLink>
          {rerunOf.from_node !== null && `, ${t.fromNode(rerunOf.from_node)}`}
        </Fact>
      )}
    </dl>
  );
}
