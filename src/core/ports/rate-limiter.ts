/** Counts what each caller does. `take` counts one and says whether it may go ahead. */
export interface RateLimiter {
  take(id: string): { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };
}

export interface CallLimits {
  /** By key: the calls that contract B limits. */
  readonly mutating: RateLimiter;
  /** By key: all other calls. */
  readonly reading: RateLimiter;
  /** By organization: all calls, whatever key they come with. Not limited when not given. */
  readonly organization?: RateLimiter;
}
