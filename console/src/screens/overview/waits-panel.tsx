import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiOverview, ApiOverviewWait } from '@api/overview-types.js';
import { Moment } from '../../design/moment.js';
import { Panel } from '../../design/panel.js';
import { RunLink } from '../../design/run-link.js';
import { shortRunId } from '../../format/format.js';
import { text } from '../../text/en.js';

const t = text.overview;
/** Of what waits for the same kind of thing, as much is shown. */
const MAX_SHOWN = 6;

interface PanelProps {
  /** Undefined before it has come. */
  readonly overview: ApiOverview | undefined;
}

/** What people are asked. */
export function QuestionsPanel({ overview }: PanelProps): ReactNode {
  const asking = overview?.waits.filter(({ waits_for: what }) => what === 'answer') ?? [];
  return (
    <Panel title={t.needs} side={<Looked overview={overview} />}>
      {asking.length === 0 ? (
        <p className="text-soft">{t.nothing}</p>
      ) : (
        <ul className="space-y-2">
          {asking.map((wait) => (
            <li key={`${wait.run_id} ${wait.node_id}`} data-row className="wrap-anywhere">
              <b className="font-semibold">
                {wait.workflow_name}: {t.asks(nameOf(wait))}
              </b>{' '}
              <span className="line-clamp-2">{wait.reason}</span>
              <Link to="/runs/$runId" params={{ runId: wait.run_id }} data-open>
                {t.open}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What else runs wait for, by its kind. */
export function WaitsPanel({ overview }: PanelProps): ReactNode {
  const groups = new Map<ApiOverviewWait['waits_for'], ApiOverviewWait[]>();
  for (const wait of overview?.waits ?? []) {
    if (wait.waits_for === 'answer') continue;
    groups.set(wait.waits_for, [...(groups.get(wait.waits_for) ?? []), wait]);
  }
  return (
    <Panel title={t.waits} side={<Looked overview={overview} />}>
      {groups.size === 0 && <p className="text-soft">{t.noWaits}</p>}
      <div className="space-y-3">
        {[...groups].map(([what, waits]) => (
          <div key={what}>
            <h3 className="text-sm font-semibold">
              {t.waitsFor[what]} <span className="font-normal text-soft tabular-nums">{waits.length}</span>
            </h3>
            <ul className="space-y-0.5 text-sm">
              {waits.slice(0, MAX_SHOWN).map((wait) => (
                <Wait key={`${wait.run_id} ${wait.node_id}`} wait={wait} />
              ))}
            </ul>
            {waits.length > MAX_SHOWN && (
              <p className="text-sm text-soft">{text.graph.andMore(waits.length - MAX_SHOWN)}</p>
            )}
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Wait({ wait }: { readonly wait: ApiOverviewWait }): ReactNode {
  return (
    <li className="wrap-anywhere">
      {wait.workflow_name}
      {wait.node_id !== null && `, ${nameOf(wait)}`} <RunLink runId={wait.run_id}>{shortRunId(wait.run_id)}</RunLink>
      {wait.until !== null && (
        <>
          , {text.waiting.until} <Moment at={wait.until} />
        </>
      )}
      {wait.reason !== null && <span className="line-clamp-1 text-soft">{wait.reason}</span>}
    </li>
  );
}

/** Said where not all were looked at. */
function Looked({ overview }: PanelProps): ReactNode {
  if (overview === undefined) return null;
  const { counts, looked_at: looked } = overview;
  if (counts.pending + counts.running <= looked) return null;
  return <span className="text-sm text-soft">{t.looked(looked)}</span>;
}

function nameOf({ label, node_id: id }: ApiOverviewWait): string {
  return label ?? id?.replaceAll('.', ' › ') ?? '';
}
