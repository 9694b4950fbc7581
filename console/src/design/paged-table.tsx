import type { ReactNode } from 'react';
import { text } from '../text/en.js';
import { Button } from './button.js';
import { Table } from './table.js';

/** What is known of a list that comes page by page, as TanStack Query tells it. */
interface Pages {
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

/** A table that comes page by page: its outline before the first, what to say of an empty one, and a button for more. */
export function PagedTable<Item>({
  label,
  columns,
  items,
  pages,
  pageSize,
  skeleton,
  none,
  renderRow,
}: {
  readonly label: string;
  readonly columns: readonly string[];
  /** Of all pages so far; undefined until the first has come. */
  readonly items: readonly Item[] | undefined;
  readonly pages: Pages;
  readonly pageSize: number;
  /** The height of the outline. */
  readonly skeleton: string;
  readonly none: string;
  readonly renderRow: (item: Item) => ReactNode;
}): ReactNode {
  const { error, hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  return (
    <>
      {items === undefined && error === null && <div className={`skeleton m-4 ${skeleton}`} />}
      {items?.length === 0 && <p className="p-4 text-soft">{none}</p>}
      {items !== undefined && items.length > 0 && (
        <Table label={label} columns={columns}>
          {items.map(renderRow)}
        </Table>
      )}
      {hasNextPage && (
        <div className="p-4">
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {text.common.more(pageSize)}
          </Button>
        </div>
      )}
    </>
  );
}
