import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { deleteWebhook, listWebhooks, replayDeliveries, testWebhook, updateWebhook } from '@api/endpoints/webhooks.js';
import type { ApiWebhook } from '@api/webhook-types.js';
import { client, messageOf } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { text } from '../../text/en.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { DeliveriesPanel } from './deliveries-panel.js';
import { NewWebhook } from './new-webhook.js';

const t = text.organization.webhooks;
const WEBHOOKS = ['webhooks'];
const LIVE_MS = 5_000;

/** Who is told of runs, and what became of each message. */
export function WebhooksPanel(): ReactNode {
  const queries = useQueryClient();
  const { data: webhooks, error } = useQuery({
    queryKey: WEBHOOKS,
    queryFn: async () => (await client.call(listWebhooks)).webhooks,
    // The server disables those whose receivers want no more.
    refetchInterval: LIVE_MS,
  });
  const [leaving, setLeaving] = useState<ApiWebhook | null>(null);
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: WEBHOOKS });
    void queries.invalidateQueries({ queryKey: ['deliveries'] });
  };
  return (
    <div className="space-y-4">
      <Panel title={t.title} flush>
        <NewWebhook onMade={refresh} />
        {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
        {webhooks === undefined && error === null && <div className="skeleton m-4 h-12" />}
        {webhooks?.length === 0 && <p className="p-4 text-soft">{t.none}</p>}
        {webhooks !== undefined && webhooks.length > 0 && (
          <Table label={t.title} columns={t.columns}>
            {webhooks.map((webhook) => (
              <WebhookRow key={webhook.id} webhook={webhook} onChange={refresh} onDelete={() => setLeaving(webhook)} />
            ))}
          </Table>
        )}
        {leaving !== null && (
          <ConfirmDialog
            title={t.sure(leaving.name)}
            effect={t.effect}
            confirm={t.remove}
            act={() => client.call(deleteWebhook, { path: { id: leaving.id } })}
            onClose={() => {
              setLeaving(null);
              refresh();
            }}
          />
        )}
      </Panel>
      <DeliveriesPanel webhooks={webhooks ?? []} />
    </div>
  );
}

function WebhookRow({
  webhook,
  onChange,
  onDelete,
}: {
  readonly webhook: ApiWebhook;
  readonly onChange: () => void;
  readonly onDelete: () => void;
}): ReactNode {
  const { id, name, url, events, workflow_id: workflow, enabled, disabled_because: why } = webhook;
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (what: 'test' | 'toggle' | 'replay') => {
      if (what === 'test') await client.call(testWebhook, { path: { id }, body: {} });
      else if (what === 'replay') await client.call(replayDeliveries, { path: { id }, body: {} });
      else await client.call(updateWebhook, { path: { id }, body: { enabled: !enabled } });
    },
    onSuccess: onChange,
  });
  const buttons = [
    ['test', t.test],
    ['toggle', enabled ? t.disable : t.enable],
    ['replay', t.replayAll],
  ] as const;
  return (
    <Row>
      <Cell>
        {name}
        {!enabled && <span className="block text-xs text-failed">{why ?? t.disabled}</span>}
      </Cell>
      <Cell>
        <span className="block min-w-44 wrap-anywhere sm:min-w-64">{url}</span>
      </Cell>
      <Cell>
        {events.join(', ')}
        {workflow !== null && <span className="block text-xs text-soft">{t.of(workflow)}</span>}
      </Cell>
      <Cell>
        <div className="flex flex-wrap gap-2">
          {buttons.map(([what, label]) => (
            <Button key={what} disabled={isPending} onClick={() => mutate(what)} aria-label={`${label} ${name}`}>
              {label}
            </Button>
          ))}
          <Button disabled={isPending} onClick={onDelete} aria-label={`${t.remove} ${name}`}>
            {t.remove}
          </Button>
        </div>
        {error !== null && <p className="text-failed">{messageOf(error)}</p>}
      </Cell>
    </Row>
  );
}
