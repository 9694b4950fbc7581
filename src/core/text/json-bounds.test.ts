import { describe, expect, it } from 'vitest';
import { findExcess } from './json-bounds.js';
import { PAYLOAD_LIMITS } from './payload-limits.js';

const { values, containers, names, distinctNames } = PAYLOAD_LIMITS;
const list = (count: number, item: string): string => `[${Array.from({ length: count }, () => item).join(',')}]`;
const object = (count: number, name: (index: number) => string): string =>
  `{${Array.from({ length: count }, (_, index) => `"${name(index)}": 0`).join(',')}}`;

describe('findExcess', () => {
  it('counts every value once: texts, numbers and words, and what holds them', () => {
    for (const item of ['1', '-1.5e3', '""', '"a \\" b"', '"\\\\"', 'null', '\n"x"\n']) {
      expect([item, findExcess(list(values - 1, item))]).toEqual([item, null]);
      expect([item, findExcess(list(values, item))]).toEqual([item, `more than ${values} values`]);
    }
    expect(findExcess(list(values / 10, '[1,1,1,1,1,1,1,1,1]'))).toBe(`more than ${values} values`);
  });

  it('counts lists and objects', () => {
    for (const item of ['[]', ' [ ] ', '{}', '[ 1 ]']) {
      expect([item, findExcess(list(containers - 1, item.padEnd(5)))]).toEqual([item, null]);
      expect([item, findExcess(list(containers, item.padEnd(5)))]).toEqual([
        item,
        `more than ${containers} lists and objects`,
      ]);
    }
  });

  it('counts properties, whatever is between a name and its colon', () => {
    expect(findExcess(list(names / 2, '{"a" \t: 0,"b":0}'))).toBeNull();
    expect(findExcess(list(names / 2 + 1, '{"a":0,"b":0}'))).toBe(`more than ${names} properties`);
  });

  it('counts different names', () => {
    const long = (index: number): string => `name ${index}`;
    expect(findExcess(object(distinctNames, long))).toBeNull();
    expect(findExcess(object(distinctNames + 1, long))).toBe(
      `more than ${distinctNames} properties with different names`,
    );
  });

  it('takes what is inside of texts for no value', () => {
    expect(findExcess(`"${'[{\\"a\\":1},'.repeat(100_000)}"`)).toBeNull();
    expect(findExcess(`"${'\\\\'.repeat(500_000)}"`)).toBeNull();
  });

  it('reads what is not JSON to its end, too', () => {
    for (const text of ['"', '[', ':', '\\', '"\\', 'x', ' ', '\u0000']) {
      const found = findExcess(text.repeat(200_000));
      expect(found === null || found.startsWith('more than')).toBe(true);
    }
  });
});
