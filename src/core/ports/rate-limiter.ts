/** Counts what each caller does. `take` counts one and says whether it may go ahead. */
export interface RateLimiter {
  take(id: string): { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };
  /** Takes back what was counted last: it was refused elsewhere. */
  giveBack?(id: string): void;
  /** How far the limit is used; without it, callers are not told. */
  look?(id: string): WindowUsage;
}

/** What is left of a limit. */
export interface WindowUsage {
  readonly limit: number;
  readonly remaining: number;
  /** When there is more again, epoch milliseconds. */
  readonly resetAt: number;
}

export interface CallLimits {
  /** By key: the calls that change something, where the contract limits these apart. */
  readonly mutating: RateLimiter;
  /** By key: all calls. */
  readonly reading: RateLimiter;
  /** By organization: all calls, whatever key they come with. Not limited when not given. */
  readonly organization?: RateLimiter;
}
