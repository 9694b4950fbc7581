import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import { findToolWarnings } from './check-tool-form.js';

const warningsOf = (definition: Partial<WorkflowDefinition>): readonly string[] =>
  findToolWarnings({ id: 'w', name: 'W', description: 'Does it.', nodes: [], ...definition }).map(
    ({ path, message }) => `${path}: ${message}`,
  );

describe('findToolWarnings', () => {
  it('has nothing to say of what every host takes', () => {
    const input = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      properties: {
        url: { type: 'string', format: 'uri', description: 'The address.' },
        depth: { type: ['integer', 'null'], exclusiveMinimum: 0, default: 1 },
        mood: { enum: ['kind', 'strict'] },
        tags: { type: 'array', items: { $ref: '#/$defs/tag' } },
      },
      $defs: { tag: { type: 'string', minLength: 1 } },
    };
    expect(warningsOf({ input })).toEqual([]);
    expect(warningsOf({})).toEqual([]);
    expect(warningsOf({ input: { type: 'string' } })).toEqual([]);
  });

  it('tells of each place that is shown in another way', () => {
    const input = {
      type: 'object',
      properties: {
        'first name': { type: 'string' },
        any: {},
        either: { type: ['string', 'integer'] },
        list: { type: 'array', items: {} },
        number: { type: 'object', properties: { kind: { enum: ['a', 1] } } },
      },
      anyOf: [{ required: ['any'] }, { required: ['either'] }],
    };
    expect(warningsOf({ input })).toEqual([
      'input.properties["first name"]: is published as "first_name": hosts refuse other names',
      'input.properties.any: has no "type": it is published as a text, and what is no text is written as JSON',
      'input.properties.either: has several types: it is published as string, the others told in words',
      'input.properties.list.items: has no "type": it is published as a text, and what is no text is written as JSON',
      'input.properties.number.properties.kind: has several types: it is published as string, the others told in words',
      'input.properties.number.properties.kind: allows values that are no texts: hosts take choices of texts only',
      'input: combinations, conditions and references at the top are told in words: hosts refuse them there',
    ]);
  });

  it('tells of a long id and of a long description', () => {
    expect(warningsOf({ id: 'x'.repeat(60), description: 'words '.repeat(200) })).toEqual([
      expect.stringMatching(
        /^id: as a tool it is called x{43}_[0-9a-f]{6}: hosts take names of at most 50 characters$/,
      ),
      expect.stringMatching(/^description: its end is not shown to hosts: they take 1024 characters/),
    ]);
    expect(warningsOf({ description: 'words '.repeat(100), credits: 5 })).toEqual([]);
  });

  it('has nothing to say of a workflow that is no tool', () => {
    expect(warningsOf({ id: 'x'.repeat(60), publish: false })).toEqual([]);
  });
});
