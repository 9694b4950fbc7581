import type { NodeStatus } from '@core/run/node-execution.js';
import type { RunStatus } from '@core/run/run.js';

/** How runs and nodes stand, in the console and in the views of chat hosts alike. */
export const status = {
  pending: 'Pending',
  running: 'Running',
  waiting: 'Waiting',
  completed: 'Completed',
  partial_complete: 'Partly complete',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Skipped',
} satisfies Record<RunStatus | NodeStatus, string>;
