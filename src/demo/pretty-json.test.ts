import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../core/json.js';
import { prettyJson } from './pretty-json.js';

it('keeps on one line what fits there', () => {
  expect(prettyJson({ a: [1, 2], b: { c: 'a text that is too long' }, d: {} }, 32)).toEqual([
    '{',
    '  "a": [1, 2],',
    '  "b": {',
    '    "c": "a text that is too long"',
    '  },',
    '  "d": {}',
    '}',
  ]);
});

it('is JSON, of the same value, at any width', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 120 }), (value, width) => {
      const text = prettyJson(value as Json, width).join('\n');
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
