import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HandlerContext } from '../core/handlers/node-kind.js';
import { defineHandler, defineWorkflow, type NodeSpec } from './define-workflow.js';
import { isDefinedWorkflow } from './defined-workflow.js';

interface Page {
  url: string;
}

describe('defineWorkflow', () => {
  it('makes the same plain definition as YAML would, and keeps functions beside it', () => {
    const crawl = defineHandler<Page>(({ input }) => input.url.toUpperCase());
    const workflow = defineWorkflow({
      id: 'site',
      name: 'Site',
      description: 'Looks at a site.',
      input: z.object({ url: z.url(), depth: z.number().int().default(2) }),
      output: z.object({ score: z.number(), note: z.string().optional() }),
      nodes: [
        { id: 'crawl', kind: 'code', run: crawl, with: { url: '{{ input.url }}' } },
        { id: 'count', kind: 'code', needs: ['crawl'], run: ({ input }) => input['n'] },
        {
          id: 'typed',
          kind: 'code',
          run: async ({ input }: HandlerContext<{ x: number }>) => Promise.resolve(input.x),
        },
        { id: 'each', kind: 'map', over: '{{ input.list }}', do: { kind: 'code', run: ({ input }) => input } },
        { id: 'file', kind: 'code', uses: './x.ts' },
      ],
    });
    expect(workflow.definition).toEqual({
      id: 'site',
      name: 'Site',
      description: 'Looks at a site.',
      input: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          url: { type: 'string', format: 'uri' },
          depth: { type: 'integer', default: 2, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        },
        required: ['url'],
      },
      output: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { score: { type: 'number' }, note: { type: 'string' } },
        required: ['score'],
      },
      nodes: [
        { id: 'crawl', kind: 'code', uses: '#run', with: { url: '{{ input.url }}' } },
        { id: 'count', kind: 'code', uses: '#run', needs: ['crawl'] },
        { id: 'typed', kind: 'code', uses: '#run' },
        { id: 'each', kind: 'map', over: '{{ input.list }}', do: { kind: 'code', uses: '#run' } },
        { id: 'file', kind: 'code', uses: './x.ts' },
      ],
    });
    expect(Object.keys(workflow.functions)).toEqual(['crawl', 'count', 'typed', 'each/do']);
    expect(workflow.functions['crawl']).toBe(crawl);
    expect(isDefinedWorkflow(workflow)).toBe(true);
    expect(isDefinedWorkflow({ ...workflow.definition })).toBe(false);
  });

  it('keeps a strict zod object strict', () => {
    const { definition } = defineWorkflow({
      id: 'a',
      name: 'A',
      description: 'a',
      output: z.strictObject({ a: z.object({}) }),
      nodes: [],
    });
    expect(definition.output).toMatchObject({ additionalProperties: false });
    expect(definition.output?.['properties']).toEqual({ a: { type: 'object', properties: {} } });
  });

  it('takes what models answer as zod schemas, and tools as functions', () => {
    const { definition, functions } = defineWorkflow({
      id: 'a',
      name: 'A',
      description: 'a',
      nodes: [
        {
          id: 'scout',
          kind: 'agent',
          goal: 'g',
          output: z.object({ n: z.number() }),
          tools: [
            {
              name: 'add',
              description: 'Adds.',
              input: z.object({ n: z.number() }),
              code: ({ input }: HandlerContext<{ n: number }>) => input.n + 1,
            },
            { workflow: 'b' },
          ],
        },
      ],
    });
    const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    expect(definition.nodes).toMatchObject([
      {
        output: schema,
        tools: [{ name: 'add', description: 'Adds.', input: schema, code: '#run' }, { workflow: 'b' }],
      },
    ]);
    expect(Object.keys(functions)).toEqual(['scout/tools/add']);
  });

  it('finds functions and schemas by their form, whatever the kind and its fields are called', () => {
    const work = (): number => 1;
    const { definition, functions } = defineWorkflow({
      id: 'a',
      name: 'A',
      description: 'a',
      nodes: [
        {
          id: 'n',
          kind: 'unheard_of',
          answer: z.string(),
          inner: { kind: 'another', run: work },
          hooks: [{ name: 'first', call: work, input: z.number() }, { call: work }, 'plain'],
        },
      ],
    });
    expect(definition.nodes).toEqual([
      {
        id: 'n',
        kind: 'unheard_of',
        answer: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' },
        inner: { kind: 'another', uses: '#run' },
        hooks: [
          { name: 'first', call: '#run', input: expect.objectContaining({ type: 'number' }) },
          { call: '#run' },
          'plain',
        ],
      },
    ]);
    expect(functions).toEqual({ 'n/inner': work, 'n/hooks/first': work, 'n/hooks/1': work });
  });

  it('refuses what JSON cannot say', () => {
    const head = { id: 'a', name: 'A', description: 'a', nodes: [] };
    expect(() => defineWorkflow({ ...head, input: z.object({ at: z.date() }) })).toThrow(/input schema cannot be/);
    const odd = { id: 'n', kind: 'code', options: { callback: () => 1 } };
    expect(() => defineWorkflow({ ...head, nodes: [odd] })).toThrow(
      'Workflow "a": nodes[0].options.callback is a function',
    );
    const input = { id: 'n', kind: 'code', with: [{ callback: () => 1 }] } as unknown as NodeSpec;
    expect(() => defineWorkflow({ ...head, nodes: [input] })).toThrow('nodes[0].with[0].callback is a function');
  });
});
