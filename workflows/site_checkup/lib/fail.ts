/** Fails the node with a kind that retry policies see; `retryable: false` ends it at once. */
export function fail(message: string, options: { kind: string; retryable: boolean; cause?: unknown }): never {
  throw Object.assign(new Error(message, { cause: options.cause }), {
    kind: options.kind,
    retryable: options.retryable,
  });
}

/** What lies under a failed `fetch`: the system's code (`ENOTFOUND`, `ECONNREFUSED`, …) when there is one, else its innermost words. */
export function networkReason(thrown: unknown): string {
  let reason = 'network error';
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error.name === 'TimeoutError') return 'time-out';
    const { code } = error as Error & { code?: unknown };
    if (typeof code === 'string' && code !== '') return code;
    if (error.message !== '') reason = error.message;
  }
  return reason;
}

export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
