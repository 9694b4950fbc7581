import type { FromWorker, Notice, ToWorker } from '../wire/messages.js';

/** Why a worker is no more. `call`: in which it was, as far as is known; 0: in none, or that is not known. */
export interface WorkerEnd {
  readonly why: 'exit' | 'uncaught' | 'out_of_memory' | 'died' | 'ended' | 'not_started';
  readonly call: number;
  readonly message: string;
}

export interface LinkEvents {
  readonly onMessages: (messages: readonly FromWorker[]) => void;
  /** It has not got round to its event loop for a while; see `Notice`. */
  readonly onBusy: (notice: Omit<Extract<Notice, { kind: 'busy' }>, 'kind'>) => void;
  readonly onFree: () => void;
  /** Whatever else it is, it is alive. */
  readonly onBeat: () => void;
  /** What it printed in another way than handlers do. */
  readonly onOutput: (line: string) => void;
  /** Once, when nothing of it goes on any more. */
  readonly onEnd: (end: WorkerEnd) => void;
}

/** Who goes before a worker: the server, other workers too, or whatever else there is. */
export type Behind = 'server' | 'others' | 'all';

/** One worker, as the server sees it. */
export interface WorkerLink {
  post(message: ToWorker): void;
  /** Ends it, whatever it does. `onEnd` tells when it has. */
  kill(): void;
  /** Where there is more to do than processors for it, these go first. For good. */
  stepBack(behind: Behind): void;
  /** Whether it keeps this process alive. */
  hold(isHeld: boolean): void;
}

export type OpenLink = (events: LinkEvents) => WorkerLink;
