import type { Run } from '../run/run.js';

/** News of a run: a commit of it is durable. */
export interface RunChange {
  readonly runId: string;
  /** As the run was committed. */
  readonly version: number;
  /** The record, where the notifier has it at hand; null: it is to be read. */
  readonly run: Run | null;
}

/** Tells whoever waits that runs have changed, in this process and in others on the same records. */
export interface Notifier {
  /**
   * After how many milliseconds whoever waits is to look for itself, again and again, since a notice may be lost on its
   * way. Null where none is: then a wait costs nothing until there is news.
   */
  readonly recheckMs: number | null;
  /** Called after the commit, never before. */
  publish(change: RunChange): void;
  /** Calls `listener`, which must not throw, for each change of these runs from now on. Returns what ends that. */
  subscribe(params: { readonly runIds: readonly string[]; readonly listener: (change: RunChange) => void }): () => void;
}
