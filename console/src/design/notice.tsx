import type { ReactNode } from 'react';

/** Something to know at once: by its meaning, in words. */
export function Notice({
  kind,
  children,
}: {
  readonly kind: 'failed' | 'waiting' | 'running' | 'partial_complete' | 'pending';
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div
      role={kind === 'failed' ? 'alert' : 'status'}
      className={`state state-${kind} rounded-md border border-(--state) bg-(--state-ground) px-3 py-2 text-(--state)`}
    >
      {children}
    </div>
  );
}
