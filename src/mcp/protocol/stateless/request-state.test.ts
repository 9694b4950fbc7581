import { assert, base64String, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openState, sealState, type Seal } from './request-state.js';

const SEAL: Seal = { secret: 'a secret', binding: ['org', 'tools/call', { a: 1, b: { c: 2, d: 3 } }], now: 1_000_000 };

describe('sealed state', () => {
  it('opens for who sealed it, in any process, however the arguments are ordered', () => {
    const sealed = sealState({ round: 2, ö: 'ü' }, SEAL);
    const reordered: Seal = { ...SEAL, binding: ['org', 'tools/call', { b: { d: 3, c: 2 }, a: 1 }] };
    expect(openState(sealed, reordered)).toEqual({ state: { round: 2, ö: 'ü' } });
    expect(openState(sealState(null, SEAL), SEAL)).toEqual({ state: null });
  });

  it('opens for no other request, caller or secret', () => {
    const sealed = sealState('x', SEAL);
    expect(openState(sealed, { ...SEAL, secret: 'another' })).toBeNull();
    expect(openState(sealed, { ...SEAL, binding: ['org-b', 'tools/call', { a: 1, b: { c: 2, d: 3 } }] })).toBeNull();
    expect(openState(sealed, { ...SEAL, binding: ['org', 'tools/call', { a: 2, b: { c: 2, d: 3 } }] })).toBeNull();
  });

  it('opens for an hour', () => {
    const sealed = sealState('x', SEAL);
    expect(openState(sealed, { ...SEAL, now: SEAL.now + 3_600_000 })).toEqual({ state: 'x' });
    expect(openState(sealed, { ...SEAL, now: SEAL.now + 3_600_001 })).toBeNull();
  });

  it('does not open once a single character is another one, more or less', () => {
    const sealed = sealState({ round: 1 }, SEAL);
    assert(
      property(integer({ min: 0, max: sealed.length - 1 }), base64String({ minLength: 1, maxLength: 4 }), (at, put) => {
        const tampered = sealed.slice(0, at) + put + sealed.slice(at + 1);
        expect(openState(tampered, SEAL)).toEqual(tampered === sealed ? { state: { round: 1 } } : null);
        expect(openState(sealed.slice(0, at), SEAL)).toBeNull();
        expect(openState(`${sealed}${put}`, SEAL)).toBeNull();
      }),
    );
  });

  it('is never anything else', () => {
    for (const value of [null, 5, {}, [], true]) expect(openState(value, SEAL)).toBeNull();
    assert(
      property(string(), (text) => {
        expect(openState(text, SEAL)).toBeNull();
      }),
    );
  });
});
