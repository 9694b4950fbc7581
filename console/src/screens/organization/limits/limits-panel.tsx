import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiConcurrency, ApiLimits, ApiSharedLimit } from '@api/credit-types.js';
import { getLimits } from '@api/endpoints/organizations.js';
import { client } from '../../../api/client.js';
import { NotYet } from '../../../design/not-yet.js';
import { Panel } from '../../../design/panel.js';
import { Cell, Row, Table } from '../../../design/table.js';
import { limits as t } from '../../../text/limits.js';

const REFETCH_MS = 5_000;
/** Of a limit, from where on it is said that it is near. */
const NEAR = 0.9;

/** The limits that hold for the organization, and how near it is to each. */
export function LimitsPanel(): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['limits'],
    queryFn: () => client.call(getLimits),
    refetchInterval: REFETCH_MS,
  });
  return (
    <Panel title={t.title} flush>
      {data === undefined ? (
        <NotYet error={error} size="m-4 h-40" />
      ) : (
        <Table label={t.title} columns={t.columns}>
          {listLimits(data).map((limit) => (
            <LimitRow key={limit.of} limit={limit} />
          ))}
        </Table>
      )}
      <p className="border-t border-line px-4 py-2 text-sm text-soft">{t.hint}</p>
    </Panel>
  );
}

interface ShownLimit {
  /** What it is a limit of, in words. */
  readonly of: string;
  readonly used: number | null;
  /** Null: none. */
  readonly most: number | null;
  /** What is said of it. */
  readonly note: string | null;
}

function listLimits({ runs, nodes, calls, credits, workflows, resources }: ApiLimits): readonly ShownLimit[] {
  const rates = (['organization', 'key', 'changes'] as const).flatMap((of) => {
    const rate = calls[of];
    return rate === null ? [] : [{ of: t.of[of], used: rate.used, most: rate.limit, note: null }];
  });
  return [
    toShown('runs', runs),
    toShown('nodes', nodes),
    { of: t.of.credits, used: credits.used, most: credits.limit, note: null },
    ...rates,
    ...workflows.flatMap(({ workflow_id: id, ...of }) => [
      ...toShared(t.ofWorkflow.runs(id), of.runs),
      ...toShared(t.ofWorkflow.nodes(id), of.nodes),
    ]),
    ...resources.flatMap(({ resource, concurrency, rate }) => [
      ...toShared(t.ofResource.concurrency(resource), concurrency),
      ...toShared(t.ofResource.rate(resource, rate?.per_seconds ?? 0), rate),
    ]),
  ];
}

/** One that organizations share; none where there is no limit. */
function toShared(of: string, limit: ApiSharedLimit | null): readonly ShownLimit[] {
  return limit === null ? [] : [{ of, used: limit.used, most: limit.limit, note: t.shared }];
}

/** Where the organization has no limit, that of the process holds. */
function toShown(of: 'runs' | 'nodes', { used, limit, own, process_limit: ofProcess }: ApiConcurrency): ShownLimit {
  const note = limit === null ? (ofProcess === null ? null : t.process(ofProcess)) : own ? t.own : t.ofServer;
  return { of: t.of[of], used, most: limit, note };
}

function LimitRow({ limit: { of, used, most, note } }: { readonly limit: ShownLimit }): ReactNode {
  const share = used === null || most === null || most === 0 ? null : used / most;
  return (
    <Row>
      <Cell>
        {of}
        {share !== null && used !== null && most !== null && (
          <span className="flex items-center gap-2">
            <meter className="w-20 sm:w-64" aria-label={of} min={0} max={most} high={most * NEAR} value={used} />
            {share >= NEAR && <span className="text-waiting">{share >= 1 ? t.reached : t.near}</span>}
          </span>
        )}
      </Cell>
      <Cell numeric>{used === null ? t.notCounted : used.toLocaleString()}</Cell>
      <Cell numeric>
        {most === null ? t.none : most.toLocaleString()}
        {note !== null && <span className="block text-xs text-soft">{note}</span>}
      </Cell>
    </Row>
  );
}
