import type { ReactNode } from 'react';

/** Rows of facts; it scrolls sideways by itself where it is too narrow. */
export function Table({
  label,
  columns,
  children,
}: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="group" aria-label={label}>
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-soft">
            {columns.map((column, place) => (
              <th key={column} scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                {column === '' ? <span className="sr-only">{`${label} ${place + 1}`}</span> : column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** The keyboard goes from row to row: see `app/row-keys.ts`. */
export function Row({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <tr data-row tabIndex={-1} className="border-b border-line last:border-b-0">
      {children}
    </tr>
  );
}

export function Cell({
  children,
  numeric = false,
}: {
  readonly children: ReactNode;
  readonly numeric?: boolean;
}): ReactNode {
  return <td className={`px-4 py-2 align-top ${numeric ? 'tabular-nums' : 'max-md:min-w-24'}`}>{children}</td>;
}
