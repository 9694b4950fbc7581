import type { ReactNode } from 'react';
import type { BulkStatus } from '@core/bulk/bulk-job.js';
import { StatusBadge } from '../../design/status.js';
import { text } from '../../text/en.js';

/** In the shape and colour of a run that stands so. */
const LOOKS = { running: 'running', completed: 'completed', stopped: 'cancelled' } as const;

export function JobStatus({ status, large }: { readonly status: BulkStatus; readonly large?: boolean }): ReactNode {
  return <StatusBadge status={LOOKS[status]} label={text.bulk.status[status]} {...(large === true ? { large } : {})} />;
}
