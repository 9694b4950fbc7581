import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costMicros, findPrice, loadPrices } from './prices.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-prices-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('the price list', () => {
  it('that comes with the program has models of three providers', async () => {
    const prices = await loadPrices();
    const providers = new Set([...prices.keys()].map((name) => name.split('/')[0]));
    expect(providers).toEqual(new Set(['anthropic', 'google', 'openai']));
    for (const { input, output, cachedInput = 0 } of prices.values()) {
      expect(output).toBeGreaterThan(input);
      expect(cachedInput).toBeLessThan(input);
    }
  });

  it('can be another file', async () => {
    const file = join(folder, 'prices.json');
    await writeFile(file, JSON.stringify({ prices: { 'a/b': { input: 1, cached_input: 0.1, output: 2 } } }));
    expect([...(await loadPrices(file))]).toEqual([['a/b', { input: 1, cachedInput: 0.1, output: 2 }]]);
  });

  it.each([
    ['[]', /it has no "prices"/],
    ['{', /it is no JSON/],
    ['{"prices":{"a/b":{"input":1}}}', /the price of a\/b must be/],
    ['{"prices":{"a/b":{"input":1,"output":"2"}}}', /the price of a\/b must be/],
    ['{"prices":{"a/b":{"input":1,"output":2,"cached_input":-1}}}', /the price of a\/b must be/],
  ])('is refused when it says %s', async (text, message) => {
    const file = join(folder, 'wrong.json');
    await writeFile(file, text);
    await expect(loadPrices(file)).rejects.toThrow(message);
    await expect(loadPrices(file)).rejects.toThrow(file);
  });

  it('is refused when it is not there', async () => {
    await expect(loadPrices(join(folder, 'gone.json'))).rejects.toThrow(/gone\.json: it cannot be read: ENOENT/);
  });
});

describe('a price', () => {
  const lists = [new Map([['a/b', { input: 1, output: 1 }]]), new Map([['a/b', { input: 9, output: 9 }]])];

  it('is taken from the first list that has it, dates of versions left aside', () => {
    for (const name of ['a/b', 'a/b-2025-08-07', 'a/b-20251001', 'a/b-latest']) {
      expect(findPrice(name, lists)).toEqual({ input: 1, output: 1 });
    }
    expect(findPrice('a/b-mini', lists)).toBeNull();
  });

  it('of a call is rounded up to a millionth of a dollar', () => {
    const price = { input: 1, cachedInput: 0.1, cacheWrite: 1.25, output: 4 };
    expect(costMicros({ input: 1_000, cached: 400, cacheWrite: 200, output: 50 }, price)).toBe(400 + 40 + 250 + 200);
    expect(costMicros({ input: 1, cached: 0, cacheWrite: 0, output: 0 }, { input: 0.05, output: 1 })).toBe(1);
    expect(costMicros({ input: 3, cached: 0, cacheWrite: 0, output: 0 }, { input: 0.1, output: 1 })).toBe(1);
    expect(costMicros({ input: 10, cached: 10, cacheWrite: 0, output: 0 }, { input: 2, output: 1 })).toBe(20);
    expect(costMicros({ input: 0, cached: 0, cacheWrite: 0, output: 0 }, price)).toBe(0);
  });
});
