import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { sampleWorkflow } from '../../../../test/sample-records.js';
import type { Json, JsonSchema } from '../../../core/json.js';
import { embedSchema } from './embed-schema.js';
import { OWN_TOOLS, toToolName, toWorkflowId } from './tool-name.js';
import { toolInputSchema, toolOutputSchema, toToolResult, toWorkflowInput } from './workflow-schemas.js';

const TREE: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://example.org/tree',
  type: 'object',
  required: ['value'],
  properties: {
    value: { $ref: '#/$defs/number' },
    next: { $ref: '#' },
    other: { $ref: 'https://example.org/tree#named' },
    $ref: { type: 'string' },
    shape: { const: { $ref: '#/kept' } },
  },
  $defs: { number: { $anchor: 'named', type: 'number' } },
};

const accepts = (schema: JsonSchema, value: Json): boolean => new Ajv2020({ strict: false }).compile(schema)(value);
const withIO = (io: { input?: JsonSchema; output?: JsonSchema }) => {
  const { input: _, output: __, ...rest } = sampleWorkflow().version.definition;
  return { ...rest, ...io };
};

describe('a schema inside another', () => {
  it('has its references led to where it now stands', () => {
    const schema: JsonSchema = { type: 'object', properties: { in: embedSchema(TREE, '/properties/in') } };
    expect(accepts(schema, { in: { value: 1, next: { value: 2, next: { value: 3 } }, other: 4, $ref: 'x' } })).toBe(
      true,
    );
    expect(accepts(schema, { in: { value: 1, next: { value: 'two' } } })).toBe(false);
    expect(accepts(schema, { in: { value: 1, other: 'four' } })).toBe(false);
    expect(accepts(schema, { in: { value: 1, $ref: 5 } })).toBe(false);
    expect(accepts(schema, { in: { value: 1, shape: { $ref: '#/kept' } } })).toBe(true);
  });

  it('leaves parts with names of their own as they are', () => {
    const part = { $id: 'https://example.org/part', $ref: '#/$defs/a', $defs: { a: { type: 'string' } } };
    expect(embedSchema({ properties: { part } }, '/x')).toEqual({ properties: { part } });
  });
});

describe('the arguments of a workflow’s tool', () => {
  it('are its input where that is an object', () => {
    const definition = withIO({ input: TREE });
    expect(toolInputSchema(definition)).toEqual(TREE);
    expect(toWorkflowInput(definition, { value: 1 })).toEqual({ value: 1 });
    expect(toolInputSchema(withIO({}))).toEqual({ type: 'object' });
    expect(toolInputSchema(withIO({ input: { required: ['a'] } }))).toEqual({ required: ['a'], type: 'object' });
  });

  it('hold its input where that is no object', () => {
    const definition = withIO({
      input: { type: 'array', items: { $ref: '#/$defs/a' }, $defs: { a: { type: 'number' } } },
    });
    const schema = toolInputSchema(definition);
    expect([accepts(schema, { input: [1] }), accepts(schema, { input: ['a'] }), accepts(schema, [1])]).toEqual([
      true,
      false,
      false,
    ]);
    expect(toWorkflowInput(definition, { input: [1] })).toEqual([1]);
  });
});

describe('the structured result of a workflow’s tool', () => {
  it('is its output where that is declared to be an object', () => {
    const definition = withIO({ output: TREE });
    const value = toToolResult(definition, { value: 1, next: { value: 2 } });
    expect(value).toEqual({ value: 1, next: { value: 2 } });
    expect(accepts(toolOutputSchema(definition), value)).toBe(true);
    expect(accepts(toolOutputSchema(definition), { value: 'one' })).toBe(false);
  });

  it.each<[string, JsonSchema | undefined, Json]>([
    ['a text', { type: 'string' }, 'hello'],
    ['undeclared', undefined, { any: 'thing' }],
    ['nothing', { type: 'null' }, null],
  ])('holds its output where that is %s', (_, output, value) => {
    const definition = withIO(output === undefined ? {} : { output });
    const result = toToolResult(definition, value);
    expect(result).toEqual({ output: value });
    expect(accepts(toolOutputSchema(definition), result)).toBe(true);
    expect(toolOutputSchema(definition)['type']).toBe('object');
  });
});

describe('the name of a workflow’s tool', () => {
  it('is its id, but for the names of Errand’s own tools', () => {
    for (const id of ['site_checkup', 'workflow', 'workflow_greet']) {
      expect(toToolName(id)).toBe(id);
      expect(toWorkflowId(id)).toBe(id);
    }
    for (const name of OWN_TOOLS) {
      expect(toToolName(name)).toMatch(/^workflow-[a-z_]+$/);
      expect(toWorkflowId(toToolName(name))).toBe(name);
      expect(toWorkflowId(name)).toBeNull();
    }
    expect(toWorkflowId('workflow-greet')).toBeNull();
  });
});
