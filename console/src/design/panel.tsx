import { useId, type ReactNode } from 'react';

export function Panel({
  title,
  side,
  children,
  flush = false,
}: {
  readonly title: ReactNode;
  /** What stands beside the title. */
  readonly side?: ReactNode;
  readonly children: ReactNode;
  /** Whether the content goes up to the edges. */
  readonly flush?: boolean;
}): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className="overflow-hidden rounded-lg border border-line bg-panel">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2">
        <h2 id={id} className="text-base">
          {title}
        </h2>
        {side}
      </div>
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}

/** A name and a value, for lists of them in a `<dl>`. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="truncate tabular-nums">{children}</dd>
    </div>
  );
}
