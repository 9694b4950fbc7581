import type { Hook, HookCounts } from '../../../hooks/hook.js';

export interface HookId {
  readonly organizationId: string;
  readonly id: string;
}

export interface HookStore {
  /** Throws `conflict` when there is one with this id or token. */
  insert(hook: Hook): Promise<void>;
  get(params: HookId): Promise<Hook | null>;
  /** Whosever it is. */
  findByToken(params: { readonly tokenHash: string }): Promise<Hook | null>;
  /** Oldest first. */
  list(params: { readonly organizationId: string }): Promise<Hook[]>;
  /** All but the counts. False when there is no such hook. */
  update(hook: Hook): Promise<boolean>;
  /** Adds to the counts; of what is the latest, null changes nothing. */
  count(params: HookId & { readonly counts: HookCounts }): Promise<void>;
  delete(params: HookId): Promise<boolean>;
}
