import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createKey } from '@api/endpoints/organizations.js';
import { client, messageOf } from '../../api/client.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { CodeBlock } from '../../design/code-block.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { text } from '../../text/en.js';

const t = text.connect.key;

/** A key that can start runs, for the host that is chosen. */
export function HostKey({
  host,
  made,
  onMade,
}: {
  readonly host: string;
  readonly made: string | null;
  readonly onMade: (key: string) => void;
}): ReactNode {
  const session = useSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.call(createKey, { body: { name: host, scopes: ['run'] } }),
    onSuccess: ({ key }) => onMade(key),
  });
  return (
    <Panel title={t.title}>
      {hasScope(session, 'manage') ? (
        <div className="space-y-3">
          <p>{t.about}</p>
          <Button disabled={isPending} onClick={() => mutate()}>
            {t.make(host)}
          </Button>
          {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
          {made !== null && (
            <div role="status" className="space-y-2">
              <p>{t.once}</p>
              <CodeBlock label={t.title} code={made} />
            </div>
          )}
        </div>
      ) : (
        <p className="text-soft">{t.mayNot}</p>
      )}
    </Panel>
  );
}
