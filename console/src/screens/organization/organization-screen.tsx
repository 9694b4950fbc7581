import type { ReactNode } from 'react';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { text } from '../../text/en.js';
import { CreditsPanel } from './credits-panel.js';
import { GrantsPanel } from './grants-panel.js';
import { KeysPanel } from './keys-panel.js';
import { SchedulesPanel } from './schedules-panel.js';
import { UsagePanel } from './usage-panel.js';

const t = text.organization;

/** Who may do what in the organization, and what it uses. */
export function OrganizationScreen(): ReactNode {
  const session = useSession();
  const mayManage = hasScope(session, 'manage');
  return (
    <div className="space-y-4">
      <h1 className="text-xl">
        {t.title} <span className="font-normal text-soft">{session.organization.name}</span>
      </h1>
      <CreditsPanel />
      <SchedulesPanel />
      <UsagePanel />
      {mayManage ? (
        <>
          <KeysPanel />
          <GrantsPanel />
        </>
      ) : (
        <p className="text-soft">{t.mayNot}</p>
      )}
    </div>
  );
}
