import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { ApiGrant } from '@api/api-types.js';
import { listGrants, revokeGrant } from '@api/endpoints/grants.js';
import { client } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Moment } from '../../design/moment.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { ConfirmDialog } from './confirm-dialog.js';

const t = text.organization.grants;
const keys = text.organization.keys;

export const grantsQuery = queryOptions({
  queryKey: ['grants'],
  queryFn: async () => (await client.call(listGrants)).grants,
});

export function GrantsPanel(): ReactNode {
  const queries = useQueryClient();
  const { data: grants, error } = useQuery(grantsQuery);
  const [leaving, setLeaving] = useState<ApiGrant | null>(null);
  const close = (): void => {
    setLeaving(null);
    void queries.invalidateQueries({ queryKey: grantsQuery.queryKey });
  };
  return (
    <Panel title={t.title} flush>
      {grants === undefined && <NotYet error={error} size="m-4 h-12" />}
      {grants?.length === 0 && (
        <p className="p-4 text-soft">
          {t.none} <Link to="/connect">{text.connect.title}</Link>
        </p>
      )}
      {grants !== undefined && grants.length > 0 && (
        <Table label={t.title} columns={t.columns}>
          {grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} onRevoke={() => setLeaving(grant)} />
          ))}
        </Table>
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={keys.sure(leaving.client.name)}
          effect={t.effect}
          confirm={keys.revoke}
          act={() => client.call(revokeGrant, { path: { id: leaving.id } })}
          onClose={close}
        />
      )}
    </Panel>
  );
}

function GrantRow({ grant, onRevoke }: { readonly grant: ApiGrant; readonly onRevoke: () => void }): ReactNode {
  const { client: host, scopes, signed_in_with: by, last_used_at: at } = grant;
  return (
    <Row>
      <Cell>{host.name}</Cell>
      <Cell>{host.host}</Cell>
      <Cell>{scopes.join(', ')}</Cell>
      <Cell>{by}</Cell>
      <Cell>{at === null ? keys.never : <Moment at={at} relative />}</Cell>
      <Cell>
        <Button onClick={onRevoke} aria-label={`${keys.revoke} ${host.name}`}>
          {keys.revoke}
        </Button>
      </Cell>
    </Row>
  );
}
