import { NodeFailure } from '../../core/handlers/node-kind.js';

/**
 * Whether the next model of the list is asked. A request that is wrong in itself is not sent to another model: that
 * would refuse it too, or answer something else than was meant. A model that the provider does not know, or that is too
 * small for the request, gives way to the next.
 */
export function shouldTryNext(failure: NodeFailure): boolean {
  return failure.kind !== 'model_bad_request';
}

/** What a call fails with when no model answered: the first one's failure, with what the others said. */
export function allModelsFailed(failures: readonly NodeFailure[]): NodeFailure {
  const [first, ...others] = failures;
  if (first === undefined) {
    return new NodeFailure('No model is named', { kind: 'model_bad_request', retryable: false });
  }
  if (others.length === 0) return first;
  const retryable = failures.filter((failure) => failure.retryable);
  const waits = retryable.map(({ retryAfterMs }) => retryAfterMs ?? 0);
  const retryAfterMs = waits.length === 0 ? 0 : Math.min(...waits);
  const message = `${first.message}; then ${others.map((other) => other.message).join('; then ')}`;
  return new NodeFailure(message, {
    kind: first.kind,
    retryable: retryable.length > 0,
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
  });
}
