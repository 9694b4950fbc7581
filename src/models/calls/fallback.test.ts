import { expect, it } from 'vitest';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { toFailure } from '../provider/to-failure.js';
import { shouldTryNext } from './fallback.js';

function failureOf(status: number, message: string): NodeFailure {
  const exchange = { sent: true, status, headers: {} };
  return toFailure({ data: { error: { message } } }, { name: 'fake/one', exchange, secrets: [], now: 0 });
}

it('the next model is asked when the provider answers 404', () => {
  expect(shouldTryNext(failureOf(404, 'no such model'))).toBe(true);
});

it('the next model is not asked when the request is wrong in itself', () => {
  expect(shouldTryNext(failureOf(422, 'unprocessable'))).toBe(false);
});

it('the text of a failure does not decide whether the next model is asked', () => {
  const failure = new NodeFailure('fake/one answered 404: no', { kind: 'model_bad_request', retryable: false });
  expect(shouldTryNext(failure)).toBe(false);
});
