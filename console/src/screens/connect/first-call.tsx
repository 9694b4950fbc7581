import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { listGrants } from '@api/endpoints/grants.js';
import { listKeys } from '@api/endpoints/organizations.js';
import { client } from '../../api/client.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { Panel } from '../../design/panel.js';
import { StatusIcon } from '../../design/status.js';
import { text } from '../../text/en.js';

const t = text.connect.check;
const ASK_MS = 2_000;

/** When each key and each host that signed in was last used, by who it is; but the key that one is signed in with. */
async function readUses(ownHint: string | null): Promise<ReadonlyMap<string, string>> {
  const [{ keys }, { grants }] = await Promise.all([client.call(listKeys), client.call(listGrants)]);
  const uses = [
    ...keys.filter(({ hint }) => hint !== ownHint).map(({ name, last_used_at: at }) => [t.byKey(name), at] as const),
    // People who have come in to the console are no hosts.
    ...grants
      .filter(({ client: { id } }) => id !== 'console')
      .map(({ client: { name }, last_used_at: at }) => [name, at] as const),
  ];
  return new Map(uses.flatMap(([who, at]) => (at === null ? [] : [[who, at] as const])));
}

/** Waits until a host has called, and says which. */
export function FirstCall(): ReactNode {
  const session = useSession();
  const [before, setBefore] = useState<ReadonlyMap<string, string> | null>(null);
  const { data: uses } = useQuery({
    queryKey: ['uses'],
    queryFn: () => readUses(session.key?.hint ?? null),
    enabled: before !== null,
    refetchInterval: ASK_MS,
  });
  if (!hasScope(session, 'manage')) return null;
  const caller = before === null ? undefined : [...(uses ?? [])].find(([who, at]) => before.get(who) !== at)?.[0];
  return (
    <Panel title={t.title}>
      <div aria-live="polite" className="space-y-3">
        {before === null && (
          <Button onClick={() => void readUses(session.key?.hint ?? null).then(setBefore)}>{t.start}</Button>
        )}
        {before !== null && caller === undefined && (
          <>
            <p className="text-soft">{t.waiting}</p>
            <Button onClick={() => setBefore(null)}>{t.stop}</Button>
          </>
        )}
        {caller !== undefined && (
          <p className="state state-completed flex items-center gap-2 text-(--state)">
            <StatusIcon status="completed" />
            {t.came(caller)}
          </p>
        )}
      </div>
    </Panel>
  );
}
