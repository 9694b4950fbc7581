import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { hasScope } from '@core/tenant/principal.js';
import { ORGANIZATION_PARTS, type OrganizationPart } from '../../app/organization-search.js';
import { useSession } from '../../app/session-context.js';
import { Heading } from '../../design/heading.js';
import { showPart } from '../../design/show-part.js';
import { text } from '../../text/en.js';
import { MembersPanel } from './access/members-panel.js';
import { AuditPanel } from './audit-panel.js';
import { CreditsPanel } from './credits-panel.js';
import { EventsPanel } from './events/events-panel.js';
import { GrantsPanel } from './grants-panel.js';
import { HooksPanel } from './starters/hooks-panel.js';
import { KeysPanel } from './keys-panel.js';
import { LimitsPanel } from './limits/limits-panel.js';
import { SchedulesPanel } from './starters/schedules-panel.js';
import { SecretsPanel } from './secrets-panel.js';
import { UsagePanel } from './usage-panel.js';
import { WebhooksPanel } from './webhooks-panel.js';

const t = text.organization;
/** What a key that only reads may see. */
const READABLE: readonly OrganizationPart[] = ['credits', 'schedules'];

/** Who may do what in the organization, what it uses, and who is told of it. */
export function OrganizationScreen(): ReactNode {
  const session = useSession();
  const { part = 'credits' } = useSearch({ from: '/organization' });
  const maySee = READABLE.includes(part) || hasScope(session, 'manage');
  return (
    <div className="space-y-4">
      <Heading title={`${t.title}, ${t.parts[part]}`}>
        {t.title} <span className="font-normal text-soft">{session.organization.name}</span>
      </Heading>
      <nav aria-label={t.title} data-parts className="flex gap-1 overflow-x-auto border-b border-line">
        {ORGANIZATION_PARTS.map((each) => (
          <Link
            key={each}
            ref={each === part ? showPart : undefined}
            to="/organization"
            search={{ part: each }}
            aria-current={each === part ? 'page' : undefined}
            className={`plain border-b-2 px-3 py-2 text-sm font-medium whitespace-nowrap ${each === part ? 'border-link text-ink' : 'border-transparent text-soft hover:text-ink'}`}
          >
            {t.parts[each]}
          </Link>
        ))}
      </nav>
      {maySee ? PARTS[part] : <p className="text-soft">{t.mayNot}</p>}
    </div>
  );
}

const PARTS: { readonly [Part in OrganizationPart]: ReactNode } = {
  credits: (
    <div className="space-y-4">
      <CreditsPanel />
      <LimitsPanel />
      <UsagePanel />
    </div>
  ),
  access: (
    <div className="space-y-4">
      <MembersPanel />
      <KeysPanel />
      <GrantsPanel />
    </div>
  ),
  schedules: <SchedulesPanel />,
  hooks: <HooksPanel />,
  events: <EventsPanel />,
  webhooks: <WebhooksPanel />,
  secrets: <SecretsPanel />,
  audit: <AuditPanel />,
};
