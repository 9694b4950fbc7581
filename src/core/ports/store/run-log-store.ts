import type { Json } from '../../json.js';
import type { RunEvent } from '../../run/events.js';

export interface ListEventsParams {
  readonly runId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

export interface RunLogStore {
  append(params: { readonly runId: string; readonly events: readonly RunEvent[] }): Promise<void>;
  /** In order, those with `seq > afterSeq`: at most `limit`, and fewer where they are large; at least one if there is one. */
  list(params: ListEventsParams): Promise<RunEvent[]>;
  /**
   * Puts another event in the place of each for which `rewrite` gives one; null leaves it. What an event says of its run's record must stay the same,
   * as must its number and its moment. For what is not to be kept.
   */
  rewrite(params: { readonly runId: string; readonly rewrite: (event: RunEvent) => RunEvent | null }): Promise<void>;
  /** The input and instruction that the run was made with. */
  getInput(params: { readonly runId: string }): Promise<{ input: Json; instruction: string | null } | null>;
}
