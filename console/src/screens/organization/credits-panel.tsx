import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getCredits, listCreditMovements } from '@api/endpoints/organizations.js';
import { client } from '../../api/client.js';
import { Moment } from '../../design/moment.js';
import { Fact, Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { shortRunId } from '../../format/format.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { LedgerChart } from './ledger-chart.js';
import { RunLink } from '../../design/run-link.js';

const t = text.organization.credits;
const SHOWN = 10;

export function CreditsPanel(): ReactNode {
  const { data: credits, error } = useQuery({
    queryKey: ['credits'],
    queryFn: () => client.call(getCredits),
    refetchInterval: 10_000,
  });
  return (
    <Panel title={t.title} flush>
      {credits === undefined ? (
        <NotYet error={error} size="m-4 h-12" />
      ) : (
        <dl className="flex flex-wrap gap-x-8 gap-y-2 p-4">
          <Fact name={t.available}>{credits.available.toLocaleString()}</Fact>
          <Fact name={t.reserved}>{credits.reserved.toLocaleString()}</Fact>
          <Fact name={t.used}>{credits.used_this_month.toLocaleString()}</Fact>
          <Fact name={t.limit}>{credits.monthly_limit.toLocaleString()}</Fact>
          {credits.topped_up > 0 && <Fact name={t.toppedUp}>{credits.topped_up.toLocaleString()}</Fact>}
          <Fact name={t.reset}>
            <Moment at={credits.reset_date} />
          </Fact>
        </dl>
      )}
      {credits !== undefined && <LedgerChart credits={credits} />}
      <Ledger />
    </Panel>
  );
}

function Ledger(): ReactNode {
  const { data: movements = [] } = useQuery({
    queryKey: ['credits', 'movements'],
    queryFn: async () => (await client.call(listCreditMovements, { query: { limit: SHOWN } })).movements,
    refetchInterval: 10_000,
  });
  if (movements.length === 0) return null;
  return (
    <Table label={t.ledger} columns={t.columns}>
      {movements.map((movement) => (
        <Row key={movement.id}>
          <Cell>
            <Moment at={movement.at} />
          </Cell>
          <Cell>
            {movement.run_id === null ? (
              movement.reason
            ) : (
              <RunLink runId={movement.run_id} opens>
                {shortRunId(movement.run_id)}
              </RunLink>
            )}
          </Cell>
          <Cell>{t.kinds[movement.kind]}</Cell>
          <Cell numeric>{signed(movement.reserved_delta)}</Cell>
          <Cell numeric>{signed(movement.used_delta)}</Cell>
          <Cell numeric>{signed(movement.topped_up_delta)}</Cell>
        </Row>
      ))}
    </Table>
  );
}

function signed(delta: number): string {
  return delta > 0 ? `+${delta.toLocaleString()}` : delta.toLocaleString();
}
