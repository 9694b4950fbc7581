import { assert, constantFrom, dictionary, oneof, property, record, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isErrandError } from '../../core/errors.js';
import { HOOK_SIGNATURES, type HookSignature } from '../../core/hooks/hook.js';
import { readHookFields } from '../../core/hooks/hook-fields.js';
import { defaultDeliveryId } from './delivery-id.js';
import { findHandshake } from './handshake.js';
import { type DeliveryView, readDelivery } from './read-delivery.js';
import { findSignatureProblem } from './signatures/verify.js';

const names = constantFrom(
  'content-type',
  'content-encoding',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-hub-signature-256',
  'x-github-event',
  'stripe-signature',
  'x-slack-signature',
  'x-slack-request-timestamp',
  'x-signature',
  '__proto__',
);
const values = oneof(
  string(),
  constantFrom(
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain; charset="utf-8"',
    'v1,AAAA v1,',
    'sha256=00',
    't=1,v1=00,v1=',
    'v0=',
    '1700000000',
    'ping',
  ),
);
const bodies = oneof(
  uint8Array(),
  constantFrom('{"a":1}', '[', '{"__proto__":{"x":1}}', 'payload=%7B%7D', '__proto__=1&a=%', '"\\ud800"').map((text) =>
    Buffer.from(text),
  ),
);
const delivery = record({ headers: dictionary(names, values), body: bodies, query: string() });

const signatureOf = (kind: HookSignature['kind']): HookSignature =>
  readHookFields({ signature: { kind } }).signature ?? { kind: 'none' };

/** Null when it is refused in words for the sender. */
function read(given: { headers: Record<string, string>; body: Uint8Array; query: string }): DeliveryView | null {
  try {
    return readDelivery({ ...given, body: Buffer.from(given.body) }, null);
  } catch (error) {
    if (isErrandError(error)) return null;
    throw error;
  }
}

describe('whatever comes to a hook', () => {
  it('is read as JSON that can be kept, or refused', () => {
    assert(
      property(delivery, constantFrom(...HOOK_SIGNATURES), (given, kind) => {
        const view = read(given);
        if (view === null) return;
        JSON.stringify(view);
        findHandshake(signatureOf(kind), view);
        defaultDeliveryId({ signature: signatureOf(kind) }, view);
      }),
      { numRuns: 2_000 },
    );
    expect(Object.prototype).not.toHaveProperty('x');
  });

  it('is taken by no secret that it was not signed with', () => {
    const kinds = constantFrom(...HOOK_SIGNATURES.filter((kind) => kind !== 'none'));
    assert(
      property(delivery, kinds, ({ headers, body }, kind) => {
        const given = { headers, body: Buffer.from(body) };
        const secrets = ['a secret that nobody knows', 'another one'];
        return findSignatureProblem(signatureOf(kind), given, { secrets, now: 1_700_000_000_000 }) !== null;
      }),
      { numRuns: 2_000 },
    );
  });
});
