import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ApiAuditEntry, ApiTrailCheck } from '@api/audit-types.js';
import { listAudit, verifyAudit } from '@api/endpoints/audit.js';
import { client, messageOf } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Dialog } from '../../design/dialog.js';
import { JsonTree } from '../../design/json-tree.js';
import { Moment } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { PagedTable } from '../../design/paged-table.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row } from '../../design/table.js';
import { text } from '../../text/en.js';

const t = text.organization.audit;
const PAGE = 50;

/** Who changed what, newest first, and whether the trail is whole. */
export function AuditPanel(): ReactNode {
  const [opened, setOpened] = useState<ApiAuditEntry | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam: before }) => client.call(listAudit, { query: { limit: PAGE, before } }),
    initialPageParam: 0,
    getNextPageParam: ({ entries: page }) => (page.length === PAGE ? page.at(-1)?.seq : undefined),
  });
  const check = useMutation({ mutationFn: () => client.call(verifyAudit) });
  const { data, error } = pages;
  const entries = data?.pages.flatMap((page) => page.entries);
  return (
    <Panel
      title={t.title}
      flush
      side={
        <Button disabled={check.isPending} onClick={() => check.mutate()}>
          {t.verify}
        </Button>
      }
    >
      {(error ?? check.error) !== null && <Notice kind="failed">{messageOf(error ?? check.error)}</Notice>}
      {check.data !== undefined && <Check check={check.data} />}
      <PagedTable
        label={t.title}
        columns={t.columns}
        items={entries}
        pages={pages}
        pageSize={PAGE}
        skeleton="h-24"
        none={t.none}
        renderRow={(entry) => <EntryRow key={entry.seq} entry={entry} onOpen={() => setOpened(entry)} />}
      />
      {opened !== null && <Entry entry={opened} onClose={() => setOpened(null)} />}
    </Panel>
  );
}

function Check({ check }: { readonly check: ApiTrailCheck }): ReactNode {
  return (
    <div role="status" className={`border-b border-line p-4 ${check.intact ? 'text-completed' : 'text-failed'}`}>
      {check.intact ? t.intact(check.entries) : t.broken}
      {check.faults.map((fault) => (
        <p key={fault}>{fault}</p>
      ))}
      {check.head !== null && <code className="block text-xs text-soft wrap-anywhere">{check.head}</code>}
    </div>
  );
}

function EntryRow({ entry, onOpen }: { readonly entry: ApiAuditEntry; readonly onOpen: () => void }): ReactNode {
  const { seq, at, actor, from, action, target } = entry;
  return (
    <Row>
      <Cell numeric>{seq}</Cell>
      <Cell>
        <Moment at={at} />
      </Cell>
      <Cell>
        <button type="button" data-open className="text-link underline" onClick={onOpen}>
          {action}
        </button>
      </Cell>
      <Cell>
        {target.kind} <Id>{target.id}</Id>
      </Cell>
      <Cell>
        {actor.kind} {actor.id !== null && <Id>{actor.id}</Id>}
      </Cell>
      <Cell>{from ?? '–'}</Cell>
    </Row>
  );
}

/** In one line, so that rows stay low where columns are narrow. */
function Id({ children }: { readonly children: string }): ReactNode {
  return (
    <code title={children} className="inline-block max-w-72 truncate align-bottom text-xs">
      {children}
    </code>
  );
}

function Entry({ entry, onClose }: { readonly entry: ApiAuditEntry; readonly onClose: () => void }): ReactNode {
  return (
    <Dialog title={`${entry.seq} ${entry.action}`} onClose={onClose}>
      <div className="grid gap-4 sm:grid-cols-2">
        {([t.before, t.after] as const).map((title) => (
          <div key={title} className="min-w-0">
            <h3 className="text-sm font-semibold">{title}</h3>
            <JsonTree value={title === t.before ? entry.before : entry.after} open={4} />
          </div>
        ))}
      </div>
      <p className="my-3 font-mono text-xs text-soft wrap-anywhere">{entry.hash}</p>
      <Button onClick={onClose}>{text.common.close}</Button>
    </Dialog>
  );
}
