import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { sampleWorkflow } from '../../../../test/support/runs/sample-records.js';
import type { Json, JsonSchema } from '../../../core/json.js';
import { argumentsForm } from '../../../core/tool-form/workflow-tool-text.js';
import { embedSchema } from './embed-schema.js';
import { OWN_TOOLS, toToolName, toWorkflowId } from './tool-name.js';
import { toolOutputSchema, toToolResult, toWorkflowInput } from './workflow-schemas.js';

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
  it('are its input where that is an object, in a form that every host takes', () => {
    const definition = withIO({ input: TREE });
    expect(toWorkflowInput(definition, { value: 1 })).toEqual({ value: 1 });
    const { schema } = argumentsForm(definition);
    expect(schema).toMatchObject({ type: 'object', required: ['value'], properties: { value: { type: 'number' } } });
    expect(accepts(schema, { value: 1, next: { value: 2 } })).toBe(true);
    expect(argumentsForm(withIO({})).schema).toEqual({ type: 'object', properties: {} });
  });

  it('hold its input where that is no object', () => {
    const definition = withIO({
      input: { type: 'array', items: { $ref: '#/$defs/a' }, $defs: { a: { type: 'number' } } },
    });
    const { schema } = argumentsForm(definition);
    expect([accepts(schema, { input: [1] }), accepts(schema, { input: ['a'] }), accepts(schema, [1])]).toEqual([
      true,
      false,
      false,
    ]);
    expect(toWorkflowInput(definition, { input: [1] })).toEqual([1]);
  });

  it('become the input by its own names and types', () => {
    const definition = withIO({
      input: {
        type: 'object',
        additionalProperties: false,
        required: ['first name'],
        properties: { 'first name': { type: 'string' }, any: {}, count: { type: ['integer', 'null'] } },
      },
    });
    expect(argumentsForm(definition).schema['required']).toEqual(['first_name']);
    const args = { first_name: 'Ada', any: '{"a":[1]}', count: '3', toolCallId: 'c' };
    expect(toWorkflowInput(definition, args)).toEqual({ 'first name': 'Ada', any: { a: [1] }, count: 3 });
    expect(toWorkflowInput(definition, { 'first name': 'Ada' })).toEqual({ 'first name': 'Ada' });
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
      expect(toToolName(name)).toBe(`workflow_${name}`);
      expect(toWorkflowId(toToolName(name))).toBe(name);
      // As it was in earlier versions.
      expect(toWorkflowId(`workflow-${name}`)).toBe(name);
      expect(toWorkflowId(name)).toBeNull();
    }
  });

  it('is short and plain, and no other workflow’s', () => {
    const long = 'answers_the_questions_that_guests_of_our_house_have_asked_before';
    const ids = [...OWN_TOOLS, ...OWN_TOOLS.map((name) => `workflow_${name}`), long, `${long}_today`, 'x'.repeat(50)];
    const names = ids.map(toToolName);
    expect(new Set(names).size).toBe(ids.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_]{1,50}$/);
    expect(toToolName('x'.repeat(50))).toBe('x'.repeat(50));
    expect(toToolName(long)).toMatch(/^answers_the_questions_that_guests_of_our_h.*_[0-9a-f]{6}$/);
  });
});
