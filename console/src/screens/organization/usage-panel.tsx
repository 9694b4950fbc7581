import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiUsage } from '@api/api-types.js';
import { getUsage } from '@api/endpoints/models.js';
import { client } from '../../api/client.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { formatCost } from '../../format/format.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';

const t = text.organization.usage;

export function UsagePanel(): ReactNode {
  const { data: usage, error } = useQuery({ queryKey: ['usage'], queryFn: () => client.call(getUsage) });
  return (
    <Panel title={t.title} flush>
      {usage === undefined && <NotYet error={error} size="m-4 h-12" />}
      {usage?.models.length === 0 && <p className="p-4 text-soft">{t.none}</p>}
      {usage !== undefined && usage.models.length > 0 && (
        <Table label={t.title} columns={t.columns}>
          {usage.models.map((model) => (
            <UsageRow key={model.model} name={model.model} usage={model} />
          ))}
          <UsageRow name={t.total} usage={usage.total} />
        </Table>
      )}
    </Panel>
  );
}

function UsageRow({ name, usage }: { readonly name: string; readonly usage: ApiUsage }): ReactNode {
  return (
    <Row>
      <Cell>{name}</Cell>
      <Cell numeric>{usage.calls.toLocaleString()}</Cell>
      <Cell numeric>{usage.input_tokens.toLocaleString()}</Cell>
      <Cell numeric>{usage.output_tokens.toLocaleString()}</Cell>
      <Cell numeric>{formatCost(usage.cost_usd)}</Cell>
    </Row>
  );
}
