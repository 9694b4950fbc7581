import type { NodeStatus } from '../../core/run/node-execution.js';
import type { RunStatus } from '../../core/run/run.js';
import type { Colour } from './style.js';

export function statusColour(status: RunStatus | NodeStatus): Colour {
  switch (status) {
    case 'completed':
      return 'green';
    case 'failed':
      return 'red';
    case 'partial_complete':
    case 'waiting':
      return 'yellow';
    case 'running':
      return 'cyan';
    case 'pending':
    case 'skipped':
    case 'cancelled':
      return 'dim';
  }
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** One column that says how a node is doing. `frame` turns the spinner; null where nothing moves. */
export function statusMark(status: NodeStatus, frame: number | null): string {
  switch (status) {
    case 'completed':
      return '✓';
    case 'failed':
      return '✗';
    case 'running':
      return frame === null ? '▸' : (SPINNER[frame % SPINNER.length] ?? '▸');
    case 'waiting':
      return '◷';
    case 'skipped':
      return '-';
    case 'cancelled':
      return '⊘';
    case 'pending':
      return '·';
  }
}
