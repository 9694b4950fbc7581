import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ApiKeyView } from '@api/api-types.js';
import { listKeys, revokeKey } from '@api/endpoints/organizations.js';
import { client } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { Moment } from '../../design/moment.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { NewKey } from './new-key.js';

const t = text.organization.keys;
const KEYS = ['keys'];

export function KeysPanel(): ReactNode {
  const queries = useQueryClient();
  const { data: keys, error } = useQuery({ queryKey: KEYS, queryFn: async () => (await client.call(listKeys)).keys });
  const [leaving, setLeaving] = useState<ApiKeyView | null>(null);
  const refresh = (): void => void queries.invalidateQueries({ queryKey: KEYS });
  return (
    <Panel title={t.title} flush>
      <NewKey onMade={refresh} />
      {keys === undefined ? (
        <NotYet error={error} size="m-4 h-24" />
      ) : (
        <Table label={t.title} columns={t.columns}>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => setLeaving(key)} />
          ))}
        </Table>
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={t.sure(leaving.name)}
          effect={t.effect}
          confirm={t.revoke}
          act={() => client.call(revokeKey, { path: { id: leaving.id } })}
          onClose={() => {
            setLeaving(null);
            refresh();
          }}
        />
      )}
    </Panel>
  );
}

function KeyRow({ apiKey, onRevoke }: { readonly apiKey: ApiKeyView; readonly onRevoke: () => void }): ReactNode {
  const session = useSession();
  const isOwn = apiKey.hint === session.key?.hint && apiKey.name === session.key.name;
  const hasExpired = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= Date.now();
  return (
    <Row>
      <Cell>
        {apiKey.name}
        {isOwn && <span className="block text-xs text-soft">{t.own}</span>}
      </Cell>
      <Cell>
        <code>{apiKey.hint}…</code>
      </Cell>
      <Cell>{apiKey.scopes.join(', ')}</Cell>
      <Cell>{apiKey.last_used_at === null ? t.never : <Moment at={apiKey.last_used_at} relative />}</Cell>
      <Cell>
        {apiKey.revoked_at !== null && t.revoked}
        {apiKey.revoked_at === null && hasExpired && t.expired}
        {apiKey.revoked_at === null &&
          !hasExpired &&
          (apiKey.expires_at === null ? t.never : <Moment at={apiKey.expires_at} />)}
      </Cell>
      <Cell>
        {apiKey.revoked_at === null && !hasExpired && (
          <Button onClick={onRevoke} aria-label={`${t.revoke} ${apiKey.name}`}>
            {t.revoke}
          </Button>
        )}
      </Cell>
    </Row>
  );
}
