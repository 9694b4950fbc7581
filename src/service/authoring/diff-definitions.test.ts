import { describe, expect, it } from 'vitest';
import type { Json, JsonSchema } from '../../core/json.js';
import { nodeKinds } from '../../nodes/registry.js';
import { compileSchema } from '../../workflow/schema/schema.js';
import { diffDefinitions } from './diff-definitions.js';
import { diffInputSchemas } from './diff-schemas.js';

const diff = (before: Json, after: Json) => diffDefinitions(before, after, nodeKinds);

describe('the difference between two definitions', () => {
  it('names nodes that are new, gone and changed, with the fields that are others', () => {
    const before = {
      id: 'a',
      credits: 1,
      nodes: [
        { id: 'one', kind: 'transform', with: { a: 1 } },
        { id: 'gone', kind: 'wait', for: '1h' },
        { id: 'each', kind: 'map', over: [], do: { kind: 'transform', with: 1 } },
        { id: 'held', kind: 'group', nodes: [{ id: 'x', kind: 'transform', with: 1 }] },
      ],
    };
    const after = {
      id: 'a',
      credits: 3,
      timeout: '1h',
      nodes: [
        { id: 'held', kind: 'group', nodes: [{ id: 'y', kind: 'transform', with: 1 }] },
        { with: { a: 2 }, id: 'one', kind: 'transform', needs: ['held'] },
        { id: 'each', kind: 'map', over: [], do: { kind: 'transform', with: 2 } },
      ],
    };
    expect(diff(before, after)).toEqual({
      nodes: {
        added: [{ id: 'held.y', kind: 'transform' }],
        removed: [
          { id: 'gone', kind: 'wait' },
          { id: 'held.x', kind: 'transform' },
        ],
        changed: [
          {
            id: 'one',
            kind: 'transform',
            fields: [
              { field: 'with', before: { a: 1 }, after: { a: 2 } },
              { field: 'needs', after: ['held'] },
            ],
          },
          { id: 'each.do', kind: 'transform', fields: [{ field: 'with', before: 1, after: 2 }] },
        ],
      },
      fields: [
        { field: 'credits', before: 1, after: 3 },
        { field: 'timeout', after: '1h' },
      ],
      input: [],
      credits: { before: 1, after: 3 },
      breaking: false,
    });
  });

  it('is nothing between the same, in whatever order their fields are', () => {
    const one = {
      id: 'a',
      nodes: [{ id: 'x', kind: 'transform', with: 1 }],
      input: { type: 'object', minProperties: 1 },
    };
    const other = {
      nodes: [{ with: 1, kind: 'transform', id: 'x' }],
      input: { minProperties: 1, type: 'object' },
      id: 'a',
    };
    expect(diff(one, other)).toMatchObject({ nodes: { added: [], removed: [], changed: [] }, fields: [], input: [] });
  });

  it('takes definitions that are none', () => {
    for (const odd of [null, 1, [], 'a', { nodes: 1 }, { nodes: [1, {}, { id: 1 }] }])
      expect(diff(odd, odd)).toMatchObject({ breaking: false, nodes: { added: [], removed: [] } });
  });
});

describe('what callers have to send', () => {
  const object = (properties: { [name: string]: Json }, more: { [name: string]: Json } = {}) => ({
    type: 'object',
    properties,
    ...more,
  });
  const cases: readonly [string, JsonSchema, JsonSchema, readonly (readonly [string, boolean])[]][] = [
    [
      'a new optional field of a closed object',
      object({}, { additionalProperties: false }),
      object({ a: {} }, { additionalProperties: false }),
      [['input.a', false]],
    ],
    ['a new field of an open object', object({}), object({ a: { type: 'string' } }), [['input.a', true]]],
    ['a field that is required now', object({ a: {} }), object({ a: {} }, { required: ['a'] }), [['input.a', true]]],
    [
      'a field that is not required any more',
      object({ a: {} }, { required: ['a'] }),
      object({ a: {} }),
      [['input.a', false]],
    ],
    [
      'a field that is gone from a closed object',
      object({ a: {} }, { additionalProperties: false }),
      object({}, { additionalProperties: false }),
      [['input.a', true]],
    ],
    ['another type', object({ a: { type: 'string' } }), object({ a: { type: 'number' } }), [['input.a', true]]],
    [
      'a wider type',
      object({ a: { type: 'integer' } }),
      object({ a: { type: ['number', 'null'] } }),
      [['input.a', false]],
    ],
    ['more values', object({ a: { enum: [1] } }), object({ a: { enum: [1, 2] } }), [['input.a', false]]],
    ['fewer values', object({ a: { enum: [1, 2] } }), object({ a: { enum: [1] } }), [['input.a', true]]],
    ['a longer text', object({ a: { maxLength: 5 } }), object({ a: { maxLength: 9 } }), [['input.a', false]]],
    ['a shorter text', object({ a: { maxLength: 9 } }), object({ a: { maxLength: 5 } }), [['input.a', true]]],
    ['another pattern', object({ a: { pattern: 'a' } }), object({ a: { pattern: 'b' } }), [['input.a', true]]],
    [
      'items that are others',
      object({ a: { items: { type: 'string' } } }),
      object({ a: { items: { type: 'null' } } }),
      [['input.a[]', true]],
    ],
    [
      'another description or default',
      object({ a: { description: 'x', default: 1 } }),
      object({ a: { description: 'y', default: 2 } }),
      [['input.a', false]],
    ],
    ['an object that is closed now', object({}), object({}, { additionalProperties: false }), [['input', true]]],
    ['what is taken as it comes now', object({ a: { type: 'string' } }), object({ a: true }), [['input.a', false]]],
  ];

  it.each(cases)('is told of %s', (_, before, after, expected) => {
    expect(diffInputSchemas(before, after).map(({ path, breaking }) => [path, breaking])).toEqual(expected);
  });

  it('is never called unbroken where a value that fitted does not fit any more', () => {
    const schemas = [
      ...new Map(cases.flatMap(([, a, b]) => [a, b]).map((each) => [JSON.stringify(each), each])).values(),
    ];
    const parts: Json[] = ['x', 'xxxxxxx', 'a', 'b', 1, 1.5, 2, null, true, [], ['x'], [null], {}];
    const values: Json[] = [...parts, ...parts.map((a) => ({ a })), ...parts.map((b) => ({ a: 'x', b }))];
    const check = (schema: JsonSchema) => {
      const compiled = compileSchema(schema);
      if (compiled.status !== 'ok') throw new Error(JSON.stringify(schema));
      return (value: Json) => compiled.check(value).length === 0;
    };
    let broken = 0;
    for (const before of schemas)
      for (const after of schemas) {
        const [fitted, fits] = [check(before), check(after)];
        if (!values.some((value) => fitted(value) && !fits(value))) continue;
        broken += 1;
        const told = diffInputSchemas(before, after);
        expect([before, after, told.some(({ breaking }) => breaking)]).toEqual([before, after, true]);
      }
    expect(broken).toBeGreaterThan(50);
  });
});
