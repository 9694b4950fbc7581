import type { Hook, HookSettings } from '../../core/hooks/hook.js';
import type { Run } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { SentEvent } from './events.js';
import type { InOrganization } from './in-organization.js';

export interface OneHookParams extends InOrganization {
  readonly hookId: string;
}

export interface CreateHookParams extends InOrganization {
  readonly settings: HookSettings;
  /** What deliveries are checked with; set later when not given. */
  readonly secret?: string;
  /** 1 to 200 characters: the same call with the same key gives what the first one made. */
  readonly idempotencyKey?: string;
}

/** A hook with what its address ends with, which is shown here alone. */
export interface HookWithToken {
  readonly hook: Hook;
  readonly token: string;
}

/** One request to a hook. */
export interface HookRequest {
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** What stands behind the question mark. */
  readonly query: string;
  /** As it came. */
  readonly body: Buffer;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * What became of a request. `handshake`: the sender asked whether somebody is there. `ignored`: the hook's condition
 * does not hold. `event`: what was sent. `run`: the run that was started, by this delivery or, with `created: false`, by an earlier one.
 */
export type HookOutcome =
  | { readonly kind: 'handshake'; readonly answer: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'event'; readonly sent: SentEvent }
  | { readonly kind: 'run'; readonly run: Run; readonly created: boolean; readonly withResult: boolean };

/** A hook that a request has come to. */
export interface OpenHook {
  /** Throws `unauthenticated` for a delivery whose signature is wrong, and as `runWorkflow` does. */
  receive(request: HookRequest): Promise<HookOutcome>;
}

/** What lets others start runs. Each call that takes a caller needs the scope `manage`. */
export interface HookServices {
  createHook(caller: Principal, params: CreateHookParams): Promise<HookWithToken & { readonly created: boolean }>;
  /** Oldest first. */
  listHooks(caller: Principal, params: InOrganization): Promise<readonly Hook[]>;
  getHook(caller: Principal, params: OneHookParams): Promise<Hook>;
  updateHook(caller: Principal, params: OneHookParams & { readonly changes: Partial<HookSettings> }): Promise<Hook>;
  deleteHook(caller: Principal, params: OneHookParams): Promise<void>;
  /** Gives it another address; the one before ends at once. */
  rotateHookToken(caller: Principal, params: OneHookParams): Promise<HookWithToken>;
  /** Checks with this secret, and for `keepOldForMs` with the one before as well. */
  setHookSecret(
    caller: Principal,
    params: OneHookParams & { readonly secret: string; readonly keepOldForMs: number },
  ): Promise<Hook>;
  /** By the end of its address. Throws `not_found`, the same whatever it is, and `rate_limited`. */
  openHook(token: string): Promise<OpenHook>;
}
