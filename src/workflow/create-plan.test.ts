import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition } from '../core/workflow/definition.js';
import { ErrandError } from '../core/errors.js';
import type { NodeKind } from '../core/handlers/node-kind.js';
import { createPlan } from './create-plan.js';
import type { ExpressionScope } from './plan/plan.js';

const execute = (): Promise<unknown> => Promise.resolve(null);
const code: NodeKind = {
  kind: 'code',
  description: '',
  fields: { uses: { description: '', schema: {}, required: true, role: 'handler' } },
  withSchema: { type: 'object', properties: { n: { type: 'number' } } },
  execute,
};
const map: NodeKind = {
  kind: 'map',
  description: '',
  fields: {
    over: { description: '', schema: { type: 'array' }, required: true, role: 'template' },
    do: { description: '', schema: {}, required: true, role: 'node' },
    concurrency: { description: '', schema: { type: 'integer' }, role: 'plain' },
  },
  execute,
};
const kinds = new Map([code, map].map((kind) => [kind.kind, kind]));
const ref = { kind: 'inline', workflowId: 'w', nodeId: 'x' } as const;

const definition: WorkflowDefinition = {
  id: 'w',
  name: 'W',
  description: 'w',
  nodes: [
    { id: 'first', kind: 'code', uses: '#run' },
    {
      id: 'each',
      kind: 'map',
      role: 'mapper',
      label: 'Mapper',
      needs: ['first'],
      when: 'nodes.first.output',
      over: '{{ input.list }}',
      concurrency: 4,
      do: { kind: 'code', uses: '#run', with: { n: '{{ item }}' }, timeout: '2s' },
      retry: { attempts: 3, max: '5s' },
      on_error: 'continue',
    },
  ],
  result: '{{ nodes.each.output }}',
};

const scope: ExpressionScope = {
  input: { list: [1] },
  nodes: { first: { status: 'completed', output: [], error: null, findings: null } },
  organization: { id: 'o', name: 'O' },
  run: { id: 'r', workflowId: 'w', workflowVersion: 1, createdAt: '' },
};

describe('a plan', () => {
  it('holds everything compiled, with defaults filled in', async () => {
    const plan = createPlan({ definition, version: 7, handlers: { first: ref, 'each/do': ref }, kinds });
    expect(plan).toMatchObject({
      workflowId: 'w',
      version: 7,
      credits: 0,
      concurrency: 10,
      timeoutMs: null,
      summary: null,
    });
    expect(plan.fillInput({ a: 1 })).toEqual({ a: 1 });
    expect(plan.checkInput('text')).toHaveLength(1);
    expect(plan.checkOutput('anything')).toEqual([]);
    const [first, each] = plan.nodes;
    expect(first).toMatchObject({
      id: 'first',
      handler: ref,
      needs: [],
      onError: 'fail',
      inner: null,
      timeoutMs: null,
    });
    expect(first?.retry).toEqual({
      attempts: 1,
      backoff: 'exponential',
      initialMs: 1_000,
      maxMs: 60_000,
      on: null,
      except: [],
    });
    expect(await first?.with.evaluate(scope)).toEqual({});
    expect(each).toMatchObject({ role: 'mapper', label: 'Mapper', handler: null, onError: 'continue' });
    expect(each?.retry).toMatchObject({ attempts: 3, backoff: 'exponential', initialMs: 1000, maxMs: 5000 });
    expect(await each?.when?.evaluate(scope)).toBe(false);
    expect(await each?.fields['over']?.value.evaluate(scope)).toEqual([1]);
    expect(each?.fields['over']?.check('x')).toHaveLength(1);
    expect(await each?.fields['concurrency']?.value.evaluate(scope)).toBe(4);
    expect(each?.inner).toMatchObject({ id: 'each/do', handler: ref, timeoutMs: 2000, needs: [] });
    expect(await each?.inner?.with.evaluate({ ...scope, item: 5, index: 0 })).toEqual({ n: 5 });
    expect(each?.inner?.checkWith({ n: 'x' })).toHaveLength(1);
    expect(await plan.result?.evaluate(scope)).toBeNull();
  });

  it('is frozen', () => {
    const plan = createPlan({ definition, version: 1, handlers: { first: ref, 'each/do': ref }, kinds });
    expect(
      Object.isFrozen(plan) && Object.isFrozen(plan.nodes) && plan.nodes.every((node) => Object.isFrozen(node)),
    ).toBe(true);
  });

  it('is refused with every fault of the definition', () => {
    const faulty = { ...definition, credits: 0.5, result: '{{ ( }}' };
    const create = (): unknown =>
      createPlan({ definition: faulty, version: 1, handlers: { first: ref, 'each/do': ref }, kinds });
    expect(create).toThrow(ErrandError);
    expect(create).toThrow(
      expect.objectContaining({
        code: 'invalid_definition',
        problems: [expect.objectContaining({ path: 'credits' }), expect.objectContaining({ path: 'result' })],
      }),
    );
  });

  it('is refused when a function is not known', () => {
    expect(() => createPlan({ definition, version: 1, handlers: { first: ref }, kinds })).toThrow(/each\/do/);
  });
});
