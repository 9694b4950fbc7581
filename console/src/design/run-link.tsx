import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function RunLink({
  runId,
  opens = false,
  children,
}: {
  readonly runId: string;
  /** Whether it is what opens its row. */
  readonly opens?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Link to="/runs/$runId" params={{ runId }} data-open={opens ? true : undefined}>
      {children}
    </Link>
  );
}
