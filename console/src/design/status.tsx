import type { ReactNode } from 'react';
import type { NodeStatus } from '@core/run/node-execution.js';
import type { RunStatus } from '@core/run/run.js';
import { text } from '../text/en.js';

export type AnyStatus = RunStatus | NodeStatus;

/** A shape for each state: colour alone tells it to nobody who cannot see it. */
const SHAPES: Record<AnyStatus, ReactNode> = {
  pending: <circle cx="8" cy="8" r="5.5" fill="none" strokeDasharray="2.5 2.2" />,
  running: <path d="M5.5 3.5v9l7-4.5z" fill="currentColor" />,
  waiting: (
    <path
      d="M4.5 2.5h7M4.5 13.5h7M5.5 2.5c0 3 5 4 5 5.5s-5 2.500-5 5.500M10.500 2.500c0 3-5 4-5 5.500s5 2.500 5 5.500"
      fill="none"
    />
  ),
  completed: <path d="M3 8.500l3.500 3.500L13 4.500" fill="none" strokeWidth="2" />,
  partial_complete: (
    <>
      <circle cx="8" cy="8" r="5.5" fill="none" />
      <path d="M8 2.500a5.500 5.500 0 0 1 0 11z" fill="currentColor" stroke="none" />
    </>
  ),
  failed: <path d="M4 4l8 8M12 4l-8 8" fill="none" strokeWidth="2" />,
  cancelled: (
    <>
      <circle cx="8" cy="8" r="5.5" fill="none" />
      <path d="M4.200 11.800l7.600-7.600" fill="none" />
    </>
  ),
  skipped: <path d="M3.500 4l4 4-4 4M8.500 4l4 4-4 4" fill="none" />,
};

export function StatusIcon({ status }: { readonly status: AnyStatus }): ReactNode {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className="size-3.5 shrink-0 stroke-current" strokeWidth="1.6">
      {SHAPES[status]}
    </svg>
  );
}

/** A state of a run or node, in the same shape, colour and word wherever it is shown. */
export function StatusBadge({
  status,
  large = false,
  label = text.status[status],
}: {
  readonly status: AnyStatus;
  readonly large?: boolean;
  /** The word for it, where what stands so is no run or node. */
  readonly label?: string;
}): ReactNode {
  return (
    <span
      className={`state state-${status} inline-flex items-center gap-1.5 rounded-full bg-(--state-ground) font-medium whitespace-nowrap text-(--state) ${large ? 'px-3 py-1 text-base' : 'px-2.5 py-0.5 text-[0.8125rem]'}`}
    >
      <StatusIcon status={status} />
      {label}
    </span>
  );
}
