import { describe, expect, it } from 'vitest';
import { compileJsonata } from './jsonata.js';

describe('compileJsonata', () => {
  it('compiles the same text once', () => {
    expect(compileJsonata('$sum(once)')).toBe(compileJsonata('$sum(once)'));
    expect(compileJsonata('$sum(once)', 500)).not.toBe(compileJsonata('$sum(once)'));
  });

  it('keeps evaluations of the same text apart, variables included', async () => {
    const compiled = compileJsonata('($seen := $exists($seen) ? "again" : n; [$seen, n])');
    const outcomes = await Promise.all([1, 2].map((n) => compiled.evaluate({ n })));
    expect(outcomes).toEqual([1, 2].map((n) => ({ status: 'ok', value: [n, n] })));
  });

  it('remembers the latest texts only', () => {
    const first = compileJsonata('first');
    for (let text = 0; text < 60; text += 1) compileJsonata(`"${String(text).padStart(1_000, '.')}"`);
    expect(compileJsonata('first')).not.toBe(first);
  });

  it('refuses a text that it cannot read each time', () => {
    for (let time = 0; time < 2; time += 1) expect(() => compileJsonata('1 +')).toThrow(/at character/);
  });
});
