import type { Fault } from '../core/workflow/definition.js';

/** What a started server tells whoever started it. */
export interface RunningServer {
  readonly url: string;
  /** Where metrics are told without a key; null: nowhere. */
  readonly metricsUrl: string | null;
  /** The first key, when this start made it up: nobody sees it again. */
  readonly firstKey: string | null;
  /**
   * `signInToken` signs in to it, once; null where there is no key to sign in with. Null: the server was built without
   * it.
   */
  readonly console: { readonly signInToken: string | null } | null;
  readonly workflowIds: readonly string[];
  /** Workflows that cannot be started yet, by id, with what is to be set. */
  readonly notReady: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
  close(): Promise<void>;
}
