import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ApiNode, ApiNodeItem } from '@api/api-types.js';
import { listNodeItems } from '@api/endpoints/runs.js';
import { client } from '../../../api/client.js';
import { Button } from '../../../design/button.js';
import { JsonTree } from '../../../design/json-tree.js';
import { StatusIcon } from '../../../design/status.js';
import { text } from '../../../text/en.js';
import { Choice } from '../../runs/run-filter-bar.js';

const t = text.node;
const PAGE = 50;
const STATUSES = ['failed', 'completed'] as const;
type ItemStatus = (typeof STATUSES)[number];

/** The items of a map that have ended, a page at a time; those that failed first of all, where any have. */
export function NodeItems({ runId, node }: { readonly runId: string; readonly node: ApiNode }): ReactNode {
  const { items: counts } = node;
  const [status, setStatus] = useState<ItemStatus | undefined>((counts?.failed ?? 0) > 0 ? 'failed' : undefined);
  const { data, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['items', runId, node.id, node.attempt, status],
    queryFn: ({ pageParam: after }) =>
      client.call(listNodeItems, {
        path: { id: runId, node: node.id },
        query: { after, limit: PAGE, ...(status === undefined ? {} : { status }) },
      }),
    initialPageParam: 0,
    getNextPageParam: ({ next_after: next }) => next,
    staleTime: 5_000,
  });
  if (counts === null) return null;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div>
      <div className="mb-1 flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">
          {t.items}{' '}
          <span className="font-normal text-soft">{text.timeline.items(counts.done, counts.total, counts.failed)}</span>
        </h3>
        <Choice
          label={text.runs.status}
          value={status}
          choices={STATUSES.map((value) => ({ value, label: text.status[value] }))}
          onChoose={(chosen) => setStatus(STATUSES.find((each) => each === chosen))}
        />
      </div>
      <ul id="node-items" className="divide-y divide-line rounded-md border border-line">
        {items.map((item) => (
          <Item key={item.seq} item={item} />
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-2" disabled={isFetching} onClick={() => void fetchNextPage()}>
          {text.common.more(PAGE)}
        </Button>
      )}
    </div>
  );
}

function Item({ item }: { readonly item: ApiNodeItem }): ReactNode {
  return (
    <li>
      <details>
        <summary className="flex cursor-pointer items-center gap-2 px-3 py-1.5 text-sm">
          <span className={`state state-${item.status} text-(--state)`}>
            <StatusIcon status={item.status} />
          </span>
          <span className="tabular-nums">{item.index}</span>
          <span className="sr-only">{text.status[item.status]}</span>
          <span className="truncate text-failed">{item.error?.message ?? ''}</span>
        </summary>
        <div className="border-t border-line bg-sunken p-3">
          {item.error === null ? (
            <JsonTree value={item.output ?? null} />
          ) : (
            <p className="font-mono text-sm whitespace-pre-wrap wrap-anywhere">
              {item.error.kind}: {item.error.message}
            </p>
          )}
        </div>
      </details>
    </li>
  );
}
