import {
  array,
  assert,
  constantFrom,
  letrec,
  oneof,
  property,
  record,
  string,
  tuple,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLinear, ExpressionRegex } from './linear-regex.js';
import { translateRegex } from './translate.js';

/** Patterns of ECMAScript over few characters, so that they match often. */
const { pattern } = letrec<{ pattern: string; term: string; atom: string }>((tie) => ({
  pattern: oneof(
    { weight: 3, arbitrary: array(tie('term'), { maxLength: 4 }).map((terms) => terms.join('')) },
    { weight: 1, arbitrary: tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `${one}|${other}`) },
  ),
  term: tuple(
    tie('atom'),
    constantFrom('', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{0,2}', '{1,}', '{2,3}?'),
  ).map(([atom, quantifier]) => (/^(?:\^|\$|\\b|\\B)$/i.test(atom) ? atom : atom + quantifier)),
  atom: oneof(
    { weight: 6, arbitrary: constantFrom('a', 'b', 'B', ' ', '.', String.raw`\d`, String.raw`\w`, String.raw`\s`) },
    {
      weight: 2,
      arbitrary: constantFrom(
        '[ab]',
        '[^a]',
        String.raw`[\w-]`,
        String.raw`[^\s\d]`,
        '[a-c]',
        '[]',
        '[^]',
        String.raw`[\b\]]`,
      ),
    },
    { weight: 2, arbitrary: constantFrom('^', '$', String.raw`\b`, String.raw`\B`) },
    {
      weight: 1,
      arbitrary: constantFrom(
        String.raw`\S`,
        String.raw`\D`,
        String.raw`\W`,
        String.raw`\.`,
        String.raw`\/`,
        String.raw`\x41`,
        String.raw`\u0061`,
        String.raw`\n`,
        String.raw`\cJ`,
        String.raw`\0`,
        'é',
      ),
    },
    { weight: 2, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
    { weight: 1, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
    { weight: 1, arbitrary: tie('pattern').map((inner) => `(?<n${inner.length}_${Math.abs(hash(inner))}>${inner})`) },
  ),
}));

function hash(text: string): number {
  let value = 0;
  for (const char of text) value = (value * 31 + char.charCodeAt(0)) | 0;
  return value;
}

const texts: Arbitrary<string> = oneof(
  string({
    unit: constantFrom('a', 'b', 'B', 'c', ' ', '1', '_', '-', '\n', '\r', '\u2028', '\u00a0', 'é', '.'),
    maxLength: 12,
  }),
  string({ maxLength: 8 }).filter((text) => !/[\ud800-\udfff]/.test(text)),
);

function isValid(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).flags === flags;
  } catch {
    return false;
  }
}

interface Matched {
  readonly at: number;
  readonly groups: readonly (string | undefined)[];
}

function allMatches(regex: { lastIndex: number; exec(text: string): RegExpExecArray | null }, text: string): Matched[] {
  const found: Matched[] = [];
  for (let match = regex.exec(text); match !== null && found.length < 20; match = regex.exec(text)) {
    found.push({ at: match.index, groups: [...match] });
    if (match[0] === '') regex.lastIndex += 1;
  }
  return found;
}

describe('a linear regular expression', () => {
  it('says of every text whether it matches as JavaScript does', () => {
    let compared = 0;
    assert(
      property(record({ source: pattern, flags: constantFrom('', 'i', 'u', 's', 'iu'), text: texts }), (given) => {
        const { source, flags, text } = given;
        if (!isValid(source, flags)) return;
        const linear = compileLinear(source, flags);
        if (linear === null) return;
        compared += 1;
        expect(linear.engine.test(text)).toBe(new RegExp(source, flags).test(text));
      }),
      { numRuns: 3_000 },
    );
    expect(compared).toBeGreaterThan(1_500);
  });

  it('finds the same matches and groups, one after the other', () => {
    let compared = 0;
    assert(
      property(record({ source: pattern, flags: constantFrom('g', 'gi', 'gm'), text: texts }), (given) => {
        const { source, flags, text } = given;
        if (!isValid(source, flags)) return;
        if (translateRegex(source, flags)?.sameMatches === true) compared += 1;
        const native = new RegExp(source, flags);
        expect(allMatches(new ExpressionRegex(native), text)).toEqual(allMatches(new RegExp(source, flags), text));
      }),
      { numRuns: 3_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it.each(['^(a+)+$', '(a|aa)+$', '^(a|ab|a)+$', '^(.*a){20}$', String.raw`(\s*,?\s*)+;`, '(x+x+)+y'])(
    'answers at once for %s, which a backtracking engine takes for ever over',
    (source) => {
      const text = `${'a'.repeat(5_000)}${' '.repeat(5_000)}!`;
      const startedAt = performance.now();
      expect(compileLinear(source, 'u')?.engine.test(text)).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    },
  );

  it.each([
    '(?=a)',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    String.raw`(a)\1`,
    String.raw`(?<n>a)\k<n>`,
    'a{2000}',
    '(?:a{900}){900}',
  ])('cannot be made of %s', (source) => {
    expect(compileLinear(source, 'u')).toBeNull();
  });

  it.each([
    [String.raw`^\p{Lu}\p{Letter}+$`, 'Éa', 'éa'],
    [String.raw`^\p{Script=Greek}+$`, 'αβγ', 'abc'],
    [String.raw`^\P{L}$`, '1', 'x'],
    ['^.$', '😀', 'ab'],
    [String.raw`^\u{1F600}$`, '😀', '😁'],
    [String.raw`^\ud83d\ude00$`, '😀', '😁'],
    [String.raw`^[^\n]{2}$`, 'a\r', 'a\n'],
    [String.raw`^\s$`, '\u3000', '\u200b'],
  ])('takes characters beyond ASCII as %s means them', (source, fits, misfits) => {
    const native = new RegExp(source, 'u');
    const engine = compileLinear(source, 'u')?.engine;
    expect([engine?.test(fits), engine?.test(misfits)]).toEqual([native.test(fits), native.test(misfits)]);
    expect(engine?.test(fits)).toBe(true);
  });

  it('counts characters, not halves of surrogate pairs', () => {
    const found = new ExpressionRegex(/./g).exec('😀b');
    expect(found?.[0]).toBe('😀');
  });
});
