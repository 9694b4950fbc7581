import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** Opens the row that it stands in. */
export function WorkflowLink({ id }: { readonly id: string }): ReactNode {
  return (
    <Link to="/workflows/$workflowId" params={{ workflowId: id }} data-open>
      {id}
    </Link>
  );
}
