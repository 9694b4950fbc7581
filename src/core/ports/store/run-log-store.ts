import type { Json } from '../../json.js';
import type { RunEvent } from '../../run/events.js';

export interface ListEventsParams {
  readonly runId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

/** Reads what `RunStore.commit` has written. */
export interface RunLogStore {
  /**
   * In order, those with `seq > afterSeq`: at most `limit`, and fewer where they are large; at least one if there is
   * one.
   */
  list(params: ListEventsParams): Promise<RunEvent[]>;
  /** The input and instruction that the run was made with. */
  getInput(params: { readonly runId: string }): Promise<{ input: Json; instruction: string | null } | null>;
}
