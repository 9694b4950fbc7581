import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiOrganization, ApiRetention } from '@api/api-types.js';
import { getCredits, listOrganizations } from '@api/endpoints/organizations.js';
import type { EndedStatus } from '@core/run/retention.js';
import { client } from '../../api/client.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { formatDuration } from '../../format/format.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { TopUp } from './top-up.js';

const t = text.system.organizations;
const SHOWN = 100;

/** Whose runs the server drives, what each may do at once and keeps, and how near it is to its credits' end. */
export function OrganizationsPanel(): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['organizations'],
    queryFn: () => client.call(listOrganizations, { query: { limit: SHOWN } }),
  });
  return (
    <Panel title={t.title} flush>
      {data === undefined ? (
        <NotYet error={error} size="m-4 h-12" />
      ) : (
        <Table label={t.title} columns={t.columns}>
          {data.organizations.map((organization) => (
            <OrganizationRow key={organization.id} organization={organization} />
          ))}
        </Table>
      )}
      {data !== undefined && data.total > SHOWN && <p className="p-4 text-soft">{t.more(data.total - SHOWN)}</p>}
    </Panel>
  );
}

function OrganizationRow({ organization }: { readonly organization: ApiOrganization }): ReactNode {
  const { slug, name, limits, retention } = organization;
  const { data: credits } = useQuery({
    queryKey: ['credits', slug],
    queryFn: () => client.call(getCredits, { query: { organization: slug } }),
  });
  const gone = credits === undefined ? 0 : credits.used_this_month + credits.reserved;
  return (
    <Row>
      <Cell>
        {name} <code className="text-xs text-soft">{slug}</code>
      </Cell>
      <Cell>
        {credits !== undefined && (
          <>
            {t.credits(gone, credits.monthly_limit)}
            {credits.topped_up > 0 && <span className="block text-soft">{t.toppedUp(credits.topped_up)}</span>}
            <meter
              className="block w-40"
              aria-label={t.creditsOf(name)}
              min={0}
              max={Math.max(1, credits.monthly_limit)}
              high={credits.monthly_limit * 0.9}
              value={gone}
            />
          </>
        )}
      </Cell>
      <Cell>{limitOf(limits.runs)}</Cell>
      <Cell>{limitOf(limits.nodes)}</Cell>
      <Cell>{retentionOf(retention)}</Cell>
      <Cell>
        <TopUp organization={organization} />
      </Cell>
    </Row>
  );
}

function limitOf(limit: number | null | undefined): string {
  if (limit === undefined) return t.asSet;
  return limit === null ? t.unlimited : limit.toLocaleString();
}

function retentionOf(retention: ApiRetention): string {
  const rules = Object.entries(retention).map(([status, { keep_for_seconds: seconds, keep }]) =>
    [
      `${status === 'all' ? t.all : text.status[status as EndedStatus]}:`,
      ...(typeof seconds === 'number' ? [formatDuration(seconds * 1_000)] : []),
      ...(typeof keep === 'number' ? [t.newest(keep)] : []),
    ].join(' '),
  );
  return rules.length === 0 ? t.asSet : rules.join(', ');
}
