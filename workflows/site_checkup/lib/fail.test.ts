import { expect, it } from 'vitest';
import { fail, networkReason } from './fail.js';

it('fails with a kind and whether to try again', () => {
  expect(() => fail('no', { kind: 'robots', retryable: false })).toThrow(
    expect.objectContaining({ message: 'no', kind: 'robots', retryable: false }),
  );
});

it('tells why a fetch failed', async () => {
  const reasons = await Promise.all(
    ['http://127.0.0.1:1/', 'http://[::1'].map((url) => fetch(url).catch((error: unknown) => networkReason(error))),
  );
  expect(reasons).toEqual(['bad port', 'ERR_INVALID_URL']);
  expect(networkReason('odd')).toBe('network error');
});
