import { describe, expect, it } from 'vitest';
import { computeScore, count, type Fault, list, makeReport, onPages, type Severity } from './report.js';

function fault(rule: string, severity: Severity): Fault {
  return { rule, severity, page: 'http://site.test/', selector: null, message: `${rule}.` };
}

describe('computeScore', () => {
  it('is 100 without faults and never falls under 0', () => {
    expect(computeScore([])).toBe(100);
    expect(computeScore(Array.from({ length: 500 }, (_, index) => fault(`rule-${index}`, 'high')))).toBe(0);
  });

  it('falls more for a worse fault', () => {
    const [high = 0, medium = 0, low = 0] = (['high', 'medium', 'low'] as const).map((severity) =>
      computeScore([fault('a', severity)]),
    );
    expect([high < medium, medium < low, low < 100]).toEqual([true, true, true]);
  });

  it('falls less for a rule broken again than for another one', () => {
    const again = computeScore([fault('a', 'high'), fault('a', 'high')]);
    const another = computeScore([fault('a', 'high'), fault('b', 'high')]);
    expect(again).toBeGreaterThan(another);
    expect(again).toBeLessThan(computeScore([fault('a', 'high')]));
  });
});

describe('makeReport', () => {
  it('puts the worst faults first and names the agent', () => {
    const faults = [fault('a', 'low'), fault('b', 'high'), fault('c', 'medium')];
    const report = makeReport({ agent: 'seo-inspector', checked: 3, faults });
    expect(report.faults.map(({ rule, agent }) => `${agent} ${rule}`)).toEqual([
      'seo-inspector b',
      'seo-inspector c',
      'seo-inspector a',
    ]);
  });

  it('leaves out the mildest of too many and says how many', () => {
    const faults = [...Array.from({ length: 250 }, () => fault('a', 'low')), fault('b', 'high')];
    const report = makeReport({ agent: 'x', checked: 1, faults });
    expect(report.faults).toHaveLength(200);
    expect(report.faults[0]?.rule).toBe('b');
    expect(report.omitted).toBe(51);
  });
});

describe('wording', () => {
  it('makes one fault of a fault on several pages', () => {
    const { page: _, selector: __, ...common } = fault('a', 'low');
    expect(onPages([], common)).toBeNull();
    expect(onPages(['p'], common)).toEqual({ ...common, page: 'p', selector: null });
    expect(onPages(['p', 'q'], common)).toEqual({ ...common, page: 'p', selector: null, also_on: ['q'] });
  });

  it('counts and lists in English', () => {
    expect([count(0, 'page'), count(1, 'page'), count(2, 'page')]).toEqual(['0 pages', '1 page', '2 pages']);
    expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });
});
