import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { ApiGrant } from '@api/api-types.js';
import type { Scope } from '@core/tenant/principal.js';
import { Moment } from '../../../design/moment.js';
import { Panel } from '../../../design/panel.js';
import { Cell, Row, Table } from '../../../design/table.js';
import { text } from '../../../text/en.js';
import { grantsQuery } from '../grants-panel.js';

const t = text.organization.members;

interface Member {
  /** As the identity provider names them. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly scopes: readonly Scope[];
  readonly since: string;
  readonly lastUsedAt: string | null;
}

/** The people whom the identity provider of the company lets in; nothing where there are none. */
export function MembersPanel(): ReactNode {
  const { data: grants } = useQuery(grantsQuery);
  const members = useMemo(() => listMembers(grants ?? []), [grants]);
  if (members.length === 0) return null;
  return (
    <Panel title={t.title} flush>
      <Table label={t.title} columns={t.columns}>
        {members.map(({ name, hosts, scopes, since, lastUsedAt }) => (
          <Row key={name}>
            <Cell>{name}</Cell>
            <Cell>{hosts.join(', ')}</Cell>
            <Cell>{scopes.join(', ')}</Cell>
            <Cell>
              <Moment at={since} relative />
            </Cell>
            <Cell>{lastUsedAt === null ? text.organization.keys.never : <Moment at={lastUsedAt} relative />}</Cell>
          </Row>
        ))}
      </Table>
      <p className="border-t border-line px-4 py-2 text-sm text-soft">{t.hint}</p>
    </Panel>
  );
}

/** Who signed in with a key is no person that anybody knows. */
const BY_KEY = /^key /;

function listMembers(grants: readonly ApiGrant[]): readonly Member[] {
  const byName = new Map<string, ApiGrant[]>();
  for (const grant of grants) {
    if (BY_KEY.test(grant.signed_in_with)) continue;
    byName.set(grant.signed_in_with, [...(byName.get(grant.signed_in_with) ?? []), grant]);
  }
  return [...byName]
    .map(([name, own]) => ({
      name,
      hosts: [...new Set(own.map(({ client }) => client.name))],
      scopes: [...new Set(own.flatMap(({ scopes }) => scopes))],
      since: own.map(({ created_at: at }) => at).toSorted()[0] ?? '',
      lastUsedAt:
        own
          .flatMap(({ last_used_at: at }) => at ?? [])
          .toSorted()
          .at(-1) ?? null,
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
