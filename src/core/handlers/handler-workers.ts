import type { HandlerContext } from './node-kind.js';

/** What bounds one attempt at a node, for whoever does its work elsewhere. */
export interface AttemptBounds {
  /** Null when the node has no time-out. */
  readonly timeoutMs: number | null;
  /** Calls `listener` when the attempt is given up, at once if that has been. Returns what undoes that. */
  readonly onAbort: (listener: (reason: Error) => void) => () => void;
  /** How often this attempt has been cut off already. */
  readonly cutOffs: number;
  /**
   * Has it kept that the attempt is at work from now on, and found out that its run is still its driver's: its code is to
   * run once that is. Null where neither need be.
   */
  readonly beginWork: () => Promise<void> | null;
  /** Code that has not begun so long after that, in milliseconds, begins only after another `beginWork`; null: it may. */
  readonly freshMs: number | null;
  /** Keeps in mind that it was cut off so often by now, and is to be made again. */
  readonly noteCutOff: (times: number) => Promise<void>;
}

/** A handler that does not run in this thread. */
export class RemoteHandler {
  /** Resolves with what the handler returned, as JSON. Settles only when nothing of the call goes on any more. */
  readonly call: (context: HandlerContext, bounds: AttemptBounds) => Promise<unknown>;

  constructor(call: RemoteHandler['call']) {
    this.call = call;
  }
}
