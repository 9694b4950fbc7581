import type { CommitOutcome } from '../../core/ports/store/run-store.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import type { AuditFact } from '../../core/tenant/audit.js';

/** Where the runner's words become records. */
export interface RunRecorder {
  /**
   * Keeps the run's new record and the events that made it, as one, and settles its credits when it has ended. Durable
   * when it resolves, unless it resolves with `superseded`: then the run is another driver's, and nothing was written
   * or told. Safe to repeat after a failure whose effect is unknown: what is already kept is not kept twice.
   */
  record(changes: {
    readonly run: Run;
    readonly events: readonly RunEvent[];
    readonly epoch: number;
    /** The fields that runs of its workflow are found by; none when not given. */
    readonly searchable?: readonly string[] | undefined;
    /** What goes into the trail with it; nothing when not given. */
    readonly audit?: readonly AuditFact[] | undefined;
  }): Promise<CommitOutcome>;
}
