import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { listProcesses } from '@api/endpoints/server.js';
import { client } from '../../api/client.js';
import { Moment } from '../../design/moment.js';
import { NotYet } from '../../design/not-yet.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { text } from '../../text/en.js';

const t = text.system.processes;
const LIVE_MS = 5_000;

/** The processes that are at work on the same records. */
export function ProcessesPanel(): ReactNode {
  const { data: processes, error } = useQuery({
    queryKey: ['system', 'processes'],
    queryFn: async () => (await client.call(listProcesses)).processes,
    refetchInterval: LIVE_MS,
  });
  return (
    <Panel title={t.title} flush>
      {processes === undefined && <NotYet error={error} size="m-4 h-12" />}
      {processes !== undefined && (
        <Table label={t.title} columns={t.columns}>
          {processes.map(({ place, version, seen_at: at, alive, answers }) => (
            <Row key={`${place} ${version}`}>
              <Cell>
                {place}
                {answers && <span className="text-soft"> · {t.answers}</span>}
              </Cell>
              <Cell>{version}</Cell>
              <Cell>
                <Moment at={at} relative />
                {!alive && <span className="text-failed"> · {t.silent}</span>}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </Panel>
  );
}
