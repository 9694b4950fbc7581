import { describe, expect, it } from 'vitest';
import { sampleNode } from '../../../../test/support/runs/sample-records.js';
import type { Json, JsonObject, JsonSchema } from '../../../core/json.js';
import { readElicited, canAsk, toInputRequests, openQuestions } from './questions.js';

const asking = (schema: JsonSchema) => ({ message: 'Well?', schema });

function formFor(schema: JsonSchema): JsonObject {
  const node = sampleNode('q', { status: 'waiting', attempt: 2, question: asking(schema) });
  const requests = toInputRequests(openQuestions({ nodes: [node, sampleNode('other', {})] }));
  expect(Object.keys(requests)).toEqual(['q.2']);
  return ((requests['q.2'] as JsonObject)['params'] as JsonObject)['requestedSchema'] as JsonObject;
}

const accept = (schema: JsonSchema, content: JsonObject): Json | undefined =>
  readElicited(asking(schema), { action: 'accept', content })?.answer;

describe('a question of a run as a form', () => {
  it('is its own fields where it asks for simple ones', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['mood'],
      properties: {
        mood: { enum: ['good', 'bad'], description: 'Today' },
        age: { type: 'integer', minimum: 0, multipleOf: 1 },
        mail: { type: 'string', format: 'email' },
        code: { type: 'string', format: 'uuid', pattern: '^a' },
      },
      additionalProperties: false,
    };
    expect(formFor(schema)).toEqual({
      type: 'object',
      required: ['mood'],
      properties: {
        mood: { type: 'string', description: 'Today', enum: ['good', 'bad'] },
        age: { type: 'integer', minimum: 0 },
        mail: { type: 'string', format: 'email' },
        code: { type: 'string' },
      },
    });
    expect(accept(schema, { mood: 'good' })).toEqual({ mood: 'good' });
  });

  it('is one field where it asks for one simple value', () => {
    const schema = { type: 'boolean' };
    expect(formFor(schema)).toEqual({
      type: 'object',
      properties: { answer: { type: 'boolean' } },
      required: ['answer'],
    });
    expect(accept(schema, { answer: false })).toBe(false);
  });

  it('asks for JSON where it asks for anything more', () => {
    const schema: JsonSchema = { type: 'object', properties: { tags: { type: 'array', items: { type: 'string' } } } };
    expect(formFor(schema)).toMatchObject({
      properties: { answer: { type: 'string', description: expect.stringContaining('JSON') as string } },
    });
    expect(accept(schema, { answer: '{"tags":["a"]}' })).toEqual({ tags: ['a'] });
    expect(accept(schema, { answer: 'a, b' })).toBe('a, b');
    expect(formFor({ enum: [1, 2] })).toMatchObject({ properties: { answer: { type: 'string' } } });
  });

  it('stays open when the person gives no answer', () => {
    for (const response of [undefined, null, 'yes', {}, { action: 'decline' }, { action: 'cancel', content: {} }]) {
      expect(readElicited(asking({ type: 'boolean' }), response)).toBeNull();
    }
  });

  it('goes to clients that can show forms', () => {
    expect(canAsk({ elicitation: {} })).toBe(true);
    expect(canAsk({ elicitation: { form: {}, url: {} } })).toBe(true);
    expect(canAsk({ elicitation: { url: {} } })).toBe(false);
    expect(canAsk({ sampling: {} })).toBe(false);
  });
});
