/** Counts what each caller does. `take` counts one and says whether it may go ahead. */
export interface RateLimiter {
  take(id: string): { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };
}
