import type { LazyAbort } from '../timing/lazy-abort.js';

/** Whether a run is still its driver's, where other processes may be given it without its driver's noticing. */
export interface RunClaims {
  /** For how long what was found out counts, in milliseconds. */
  readonly freshMs: number;
  /**
   * Before more of the run's work begins. Null where the run was its driver's a moment ago; otherwise resolves once that
   * is found out. Where it is another's, or cannot be found out, waits for `abort`, and rejects with its reason.
   */
  confirm(runId: string, abort: LazyAbort): Promise<void> | null;
}
