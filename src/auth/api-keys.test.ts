import { describe, expect, it } from 'vitest';
import { createKeyMaker } from './api-keys.js';

describe('createKeyMaker', () => {
  const keys = createKeyMaker();

  it('makes keys of 40 characters with the prefix', () => {
    for (let count = 0; count < 200; count++) expect(keys.newKey()).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
    expect(createKeyMaker('acme_').newKey()).toMatch(/^acme_[0-9A-Za-z]{35}$/);
  });

  it('never makes the same key twice', () => {
    expect(new Set(Array.from({ length: 2_000 }, () => keys.newKey())).size).toBe(2_000);
  });

  it('makes the same key of the same seed, and others of others', () => {
    const seeds = Array.from({ length: 200 }, (_, index) => Buffer.alloc(32, index));
    const made = seeds.map((seed) => keys.newKey(seed));
    expect(made.every((key) => /^sk_live_[0-9A-Za-z]{32}$/.test(key))).toBe(true);
    expect(new Set(made).size).toBe(200);
    expect(seeds.map((seed) => keys.newKey(seed))).toEqual(made);
  });

  it('makes every letter and digit as likely as every other', () => {
    const counts = new Map<string, number>();
    const keyCount = 10_000;
    for (let count = 0; count < keyCount; count++) {
      for (const letter of keys.newKey().slice('sk_live_'.length)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = (keyCount * 32) / 62;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(62);
    // With 61 degrees of freedom, fair letters exceed 140 once in ten million times; `byte % 62` comes out above 5,000.
    expect(chiSquared).toBeLessThan(140);
  });

  it('hashes with SHA-256 and shows only the first letters', () => {
    expect(keys.hashKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(keys.hintOf('sk_live_Ab3dXXXXXXXXXXXXXXXXXXXXXXXXXXXX')).toBe('sk_live_Ab3d');
  });

  it('accepts a chosen key of 40 letters, digits, underscores and hyphens', () => {
    expect(keys.faultOf(keys.newKey())).toBeNull();
    expect(keys.faultOf(`my-own_key-${'x'.repeat(29)}`)).toBeNull();
  });

  it('says what is wrong with a chosen key', () => {
    expect(keys.faultOf('short')).toBe('must have 40 characters, but has 5.');
    expect(keys.faultOf('x'.repeat(41))).toBe('must have 40 characters, but has 41.');
    for (const odd of [' ', 'ä', '\n', '"']) expect(keys.faultOf(`${'x'.repeat(39)}${odd}`)).toContain('letters');
  });
});
