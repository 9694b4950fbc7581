import type { HandlerContext } from './node-kind.js';

/** What bounds one attempt at a node, for whoever does its work elsewhere. */
export interface AttemptBounds {
  /** Null when the node has no time-out. */
  readonly timeoutMs: number | null;
  /** Calls `listener` when the attempt is given up, at once if that has been. Returns what undoes that. */
  readonly onAbort: (listener: (reason: Error) => void) => () => void;
}

/** A handler that does not run in this thread. */
export class RemoteHandler {
  /** Resolves with what the handler returned, as JSON. Settles only when nothing of the call goes on any more. */
  readonly call: (context: HandlerContext, bounds: AttemptBounds) => Promise<unknown>;

  constructor(call: RemoteHandler['call']) {
    this.call = call;
  }
}
