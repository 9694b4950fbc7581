import type { Ticket } from '../../admission/fair-queue.js';
import type { Run } from '../../core/run/run.js';
import type { RunStart } from '../../runner/open/load-run.js';
import { RunMailbox } from '../../runner/ports/run-mailbox.js';

export type DrivenRunKey = Pick<Run, 'id' | 'organizationId' | 'workflowId' | 'ownWorkflow'>;

export interface Admission {
  readonly key: DrivenRunKey;
  /** Null for a run that was parked: its record is read when it becomes active. */
  readonly run: Run | null;
  /**
   * Null for a run that is not new, and for one that waits with many others: its log is read when it becomes active.
   */
  readonly start: RunStart | null;
  /** As whose driver this process drives it; null: it has to take it over first. */
  readonly epoch: number | null;
  /** How often its process died, where whoever took it over knows; null: its driver finds out. */
  readonly crashes: number | null;
}

export interface DrivenRun extends Ticket, Admission {
  readonly mailbox: RunMailbox;
  /** Resolves with the run as its driver left it. */
  readonly ended: Promise<Run>;
  readonly settle: (run: Run) => void;
  readonly fail: (error: unknown) => void;
}

/** `ticket`: its place in the queue. */
export function toDrivenRun({ key, run, start, epoch, crashes }: Admission, ticket: Ticket): DrivenRun {
  const { id, organizationId, lane, gates, priority, since } = ticket;
  let settle: (run: Run) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const ended = new Promise<Run>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  ended.catch(() => undefined); // Nobody may be waiting.
  const mailbox = new RunMailbox();
  // One literal: Node 20 takes many times as long to spread one object after another.
  return {
    id,
    organizationId,
    lane,
    gates,
    priority,
    since,
    key,
    run,
    start,
    epoch,
    crashes,
    mailbox,
    ended,
    settle,
    fail,
  };
}
