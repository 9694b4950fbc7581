import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getDelivery, listDeliveries, replayDelivery } from '@api/endpoints/webhooks.js';
import type { ApiDelivery, ApiDeliveryAttempt, ApiWebhook } from '@api/webhook-types.js';
import { DELIVERY_STATES, type DeliveryState } from '@core/webhooks/delivery.js';
import { client, messageOf } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { CodeBlock } from '../../design/code-block.js';
import { Dialog } from '../../design/dialog.js';
import { Moment } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { PagedTable } from '../../design/paged-table.js';
import { Panel } from '../../design/panel.js';
import { RunLink } from '../../design/run-link.js';
import { StatusIcon, type AnyStatus } from '../../design/status.js';
import { Cell, Row } from '../../design/table.js';
import { formatDuration, shortRunId } from '../../format/format.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { Choice } from '../runs/run-filter-bar.js';

const t = text.organization.deliveries;
const PAGE = 20;
const LIVE_MS = 5_000;

/** As states of runs, so that they look like them. */
const AS_STATUS: { readonly [State in DeliveryState]: AnyStatus } = {
  pending: 'pending',
  delivered: 'completed',
  failed: 'failed',
};

/** What was and is to be delivered, newest first. */
export function DeliveriesPanel({ webhooks }: { readonly webhooks: readonly ApiWebhook[] }): ReactNode {
  const [state, setState] = useState<DeliveryState | undefined>();
  const [webhook, setWebhook] = useState<string | undefined>();
  const [openedId, setOpenedId] = useState<string | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['deliveries', { state, webhook }],
    queryFn: ({ pageParam: before }) =>
      client.call(listDeliveries, {
        query: {
          limit: PAGE,
          ...(state === undefined ? {} : { state }),
          ...(webhook === undefined ? {} : { webhook_id: webhook }),
          ...(before === null ? {} : { before }),
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ deliveries: page }) => (page.length === PAGE ? page.at(-1)?.id : undefined),
    refetchInterval: LIVE_MS,
  });
  const { data, error } = pages;
  const deliveries = data?.pages.flatMap((page) => page.deliveries);
  return (
    <Panel
      title={t.title}
      flush
      side={<Filters webhooks={webhooks} webhook={webhook} state={state} onWebhook={setWebhook} onState={setState} />}
    >
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      <PagedTable
        label={t.title}
        columns={t.columns}
        items={deliveries}
        pages={pages}
        pageSize={PAGE}
        skeleton="h-12"
        none={t.none}
        renderRow={(delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} onOpen={() => setOpenedId(delivery.id)} />
        )}
      />
      {openedId !== null && <DeliveryDialog id={openedId} onClose={() => setOpenedId(null)} />}
    </Panel>
  );
}

interface FiltersProps {
  readonly webhooks: readonly ApiWebhook[];
  readonly webhook: string | undefined;
  readonly state: DeliveryState | undefined;
  readonly onWebhook: (id: string | undefined) => void;
  readonly onState: (state: DeliveryState | undefined) => void;
}

function Filters({ webhooks, webhook, state, onWebhook, onState }: FiltersProps): ReactNode {
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-2">
      <Choice
        label={t.webhook}
        value={webhook}
        choices={webhooks.map(({ id, name }) => ({ value: id, label: name }))}
        onChoose={(chosen) => onWebhook(chosen === '' ? undefined : chosen)}
      />
      <Choice
        label={t.state}
        value={state}
        choices={DELIVERY_STATES.map((value) => ({ value, label: t.states[value] }))}
        onChoose={(chosen) => onState(DELIVERY_STATES.find((each) => each === chosen))}
      />
    </div>
  );
}

function DeliveryRow({ delivery, onOpen }: { readonly delivery: ApiDelivery; readonly onOpen: () => void }): ReactNode {
  const { state, event, url, run_id: runId, attempt_count: attempts, created_at: at } = delivery;
  return (
    <Row>
      <Cell>
        <State state={state} />
      </Cell>
      <Cell>
        <button type="button" data-open className="text-link underline" onClick={onOpen}>
          {event}
        </button>
      </Cell>
      <Cell>
        <span className="wrap-anywhere">{url}</span>
      </Cell>
      <Cell>{runId === null ? '–' : <RunLink runId={runId}>{shortRunId(runId)}</RunLink>}</Cell>
      <Cell numeric>{attempts}</Cell>
      <Cell>
        <Moment at={at} relative />
      </Cell>
    </Row>
  );
}

function State({ state }: { readonly state: DeliveryState }): ReactNode {
  return (
    <span className={`state state-${AS_STATUS[state]} flex items-center gap-1.5 text-(--state)`}>
      <StatusIcon status={AS_STATUS[state]} />
      {t.states[state]}
    </span>
  );
}

function DeliveryDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const { data: delivery, error: missing } = useQuery({
    queryKey: ['deliveries', 'one', id],
    queryFn: () => client.call(getDelivery, { path: { id } }),
    refetchInterval: LIVE_MS,
  });
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.call(replayDelivery, { path: { id }, body: {} }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['deliveries'] }),
  });
  return (
    <Dialog title={delivery?.event ?? t.title} onClose={onClose}>
      {delivery === undefined ? (
        <NotYet error={missing} size="h-40" />
      ) : (
        <div className="space-y-4">
          <State state={delivery.state} />
          <Attempts attempts={delivery.attempts} />
          <CodeBlock label={t.payload} code={indented(delivery.payload)} />
        </div>
      )}
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      <div className="mt-4 flex gap-2">
        <Button look="main" disabled={isPending || delivery?.state === 'pending'} onClick={() => mutate()}>
          {t.replay}
        </Button>
        <Button onClick={onClose}>{text.common.close}</Button>
      </div>
    </Dialog>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly ApiDeliveryAttempt[] }): ReactNode {
  if (attempts.length === 0) return <p className="text-soft">{t.notYet}</p>;
  return (
    <ol aria-label={text.failure.attempts} className="space-y-2 text-sm">
      {attempts.map(({ at, status, error, answer, duration_seconds: seconds }) => (
        <li key={at} className="rounded-md border border-line p-2 wrap-anywhere">
          <Moment at={at} /> · {status ?? t.noAnswer} · {formatDuration(seconds * 1_000)}
          {error !== null && <p className="text-failed">{error}</p>}
          {answer !== null && answer !== '' && <p className="font-mono text-xs text-soft">{answer}</p>}
        </li>
      ))}
    </ol>
  );
}

function indented(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}
