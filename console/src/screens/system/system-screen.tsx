import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getSystem } from '@api/endpoints/server.js';
import type { ApiSystem } from '@api/system-types.js';
import { hasScope } from '@core/tenant/principal.js';
import { client, messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Moment, Took } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { Fact, Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { formatBytes } from '../../format/format.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { DoctorPanel } from './doctor-panel.js';
import { LogLevelPanel } from './log-level-panel.js';
import { OrganizationsPanel } from './organizations-panel.js';
import { ProcessesPanel } from './processes-panel.js';

const t = text.system;
const LIVE_MS = 3_000;

/** What the server does just now, for who operates it. */
export function SystemScreen(): ReactNode {
  const session = useSession();
  return (
    <div className="space-y-4">
      <Heading title={t.title} />
      {hasScope(session, 'operate') ? <Parts /> : <p className="text-soft">{t.mayNot}</p>}
    </div>
  );
}

function Parts(): ReactNode {
  const { data: system, error } = useQuery({
    queryKey: ['system'],
    queryFn: () => client.call(getSystem),
    refetchInterval: LIVE_MS,
  });
  return (
    <>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {system === undefined && error === null && <div className="skeleton h-40" />}
      {system !== undefined && (
        <>
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <Work system={system} />
            <Server system={system} />
          </div>
          <Workflows system={system} />
        </>
      )}
      <ProcessesPanel />
      <DoctorPanel />
      <OrganizationsPanel />
      <LogLevelPanel />
    </>
  );
}

function Work({ system }: { readonly system: ApiSystem }): ReactNode {
  const { active, max_active: max, queued, parked, nodes_held_up: heldUp } = system.runs;
  return (
    <Panel title={t.runs}>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <Fact name={t.active}>
          {active.toLocaleString()} <span className="text-soft">{t.of(max)}</span>
        </Fact>
        <Fact name={t.queued}>{queued.toLocaleString()}</Fact>
        <Fact name={t.parked}>{parked.toLocaleString()}</Fact>
        <Fact name={t.heldUp}>{heldUp.toLocaleString()}</Fact>
        <Fact name={t.commits}>{system.totals.commits.toLocaleString()}</Fact>
        <Fact name={t.requests}>{system.totals.requests.toLocaleString()}</Fact>
      </dl>
      <meter className="mt-3 w-full" min={0} max={Math.max(1, max)} value={active} aria-label={t.active} />
    </Panel>
  );
}

function Server({ system }: { readonly system: ApiSystem }): ReactNode {
  const { version, node, started_at: from, engine, store } = system;
  const { resident_bytes: memory, cpu_seconds: cpu, busy_seconds: busy, idle_seconds: idle } = system.process;
  return (
    <Panel title={t.server}>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <Fact name={t.version}>
          {version} <span className="text-soft">Node {node}</span>
        </Fact>
        <Fact name={t.started}>
          <Moment at={from} />
        </Fact>
        <Fact name={t.up}>
          <Took from={from} to={null} />
        </Fact>
        <Fact name={t.engine}>{engine}</Fact>
        <Fact name={t.store}>
          {store.kind}
          {store.bytes !== null && `, ${formatBytes(store.bytes)}`}
        </Fact>
        <Fact name={t.memory}>{formatBytes(memory)}</Fact>
        <Fact name={t.cpu}>{`${Math.round(cpu).toLocaleString()} s`}</Fact>
        <Fact name={t.busy}>{`${Math.round((busy / Math.max(0.001, busy + idle)) * 100)} %`}</Fact>
      </dl>
    </Panel>
  );
}

function Workflows({ system: { workflows } }: { readonly system: ApiSystem }): ReactNode {
  return (
    <Panel title={t.workflows} flush>
      {workflows.length === 0 ? (
        <p className="p-4 text-soft">{t.noWorkflows}</p>
      ) : (
        <Table label={t.workflows} columns={t.columns}>
          {workflows.map((each) => (
            <Row key={each.workflow_id}>
              <Cell>{each.workflow_id}</Cell>
              <Cell numeric>{each.accepted.toLocaleString()}</Cell>
              <Cell numeric>{each.completed.toLocaleString()}</Cell>
              <Cell numeric>{each.partial_complete.toLocaleString()}</Cell>
              <Cell numeric>{each.failed.toLocaleString()}</Cell>
              <Cell numeric>{each.cancelled.toLocaleString()}</Cell>
            </Row>
          ))}
        </Table>
      )}
    </Panel>
  );
}
