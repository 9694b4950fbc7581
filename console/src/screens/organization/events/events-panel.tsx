import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getSentEvent, listSentEvents } from '@api/endpoints/hooks.js';
import type { ApiListedEvent } from '@api/sent-event-types.js';
import { client, messageOf } from '../../../api/client.js';
import { Button } from '../../../design/button.js';
import { CodeBlock } from '../../../design/code-block.js';
import { Dialog } from '../../../design/dialog.js';
import { Moment } from '../../../design/moment.js';
import { NotYet } from '../../../design/not-yet.js';
import { Notice } from '../../../design/notice.js';
import { PagedTable } from '../../../design/paged-table.js';
import { Panel } from '../../../design/panel.js';
import { Cell, Row } from '../../../design/table.js';
import { text } from '../../../text/en.js';
import { TextField } from '../../runs/run-filter-bar.js';

const t = text.organization.events;
const PAGE = 20;
const LIVE_MS = 5_000;

/** What was sent to the organization's runs and is kept, newest first. */
export function EventsPanel(): ReactNode {
  const [name, setName] = useState('');
  const [openedId, setOpenedId] = useState<string | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['events', name],
    queryFn: ({ pageParam: before }) =>
      client.call(listSentEvents, {
        query: { limit: PAGE, ...(name === '' ? {} : { name }), ...(before === null ? {} : { before }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ events: page }) => (page.length === PAGE ? page.at(-1)?.id : undefined),
    refetchInterval: LIVE_MS,
  });
  const { data, error } = pages;
  const events = data?.pages.flatMap((page) => page.events);
  return (
    <Panel title={t.title} flush side={<TextField label={t.name} value={name} hint="order.paid" onChoose={setName} />}>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      <PagedTable
        label={t.title}
        columns={t.columns}
        items={events}
        pages={pages}
        pageSize={PAGE}
        skeleton="h-12"
        none={name === '' ? t.none : t.noneNamed(name)}
        renderRow={(event) => <EventRow key={event.id} event={event} onOpen={() => setOpenedId(event.id)} />}
      />
      {openedId !== null && <EventDialog id={openedId} onClose={() => setOpenedId(null)} />}
    </Panel>
  );
}

function EventRow({ event, onOpen }: { readonly event: ApiListedEvent; readonly onOpen: () => void }): ReactNode {
  const { name, key, taken, sent_at: sentAt, expires_at: expiresAt } = event;
  return (
    <Row>
      <Cell>
        <button type="button" data-open className="text-left text-link underline wrap-anywhere" onClick={onOpen}>
          {name}
        </button>
      </Cell>
      <Cell>
        {key === '' ? <span className="text-soft">{t.noKey}</span> : <code className="wrap-anywhere">{key}</code>}
      </Cell>
      <Cell>{t.taken(taken)}</Cell>
      <Cell>
        <Moment at={sentAt} relative />
      </Cell>
      <Cell>
        <Moment at={expiresAt} />
      </Cell>
    </Row>
  );
}

function EventDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const { data: event, error } = useQuery({
    queryKey: ['events', 'one', id],
    queryFn: () => client.call(getSentEvent, { path: { id } }),
  });
  return (
    <Dialog title={event?.name ?? t.title} onClose={onClose}>
      {event === undefined ? (
        <NotYet error={error} size="h-24" />
      ) : (
        <CodeBlock label={t.data} code={JSON.stringify(event.data, null, 2)} />
      )}
      <div className="mt-4">
        <Button onClick={onClose}>{text.common.close}</Button>
      </div>
    </Dialog>
  );
}
