import { describe, expect, it } from 'vitest';
import type { StepOutcome } from '../core/run/events.js';
import { NodeFailure, type HandlerContext, type RunItemsOptions } from '../core/handlers/node-kind.js';
import { createNodeContext } from '../testing/node-context.js';
import { compileSchema } from '../workflow/schema/schema.js';
import { codeKind } from './code/code.js';
import { mapKind } from './map.js';
import { nodeKinds } from './registry.js';
import { transformKind } from './transform.js';

describe('the registry', () => {
  it('lists the kinds by their names, each with schemas that compile', () => {
    expect([...nodeKinds.keys()]).toEqual([
      'code',
      'http',
      'transform',
      'map',
      'group',
      'repeat',
      'switch',
      'race',
      'workflow',
      'wait',
      'ask',
      'event',
      'emit',
      'script',
      'mcp',
      'llm',
      'agent',
    ]);
    for (const [name, kind] of nodeKinds) {
      expect(kind.kind).toBe(name);
      const schemas = [...Object.values(kind.fields).map((field) => field.schema), kind.withSchema ?? {}];
      expect(schemas.map((schema) => compileSchema(schema).status)).toEqual(schemas.map(() => 'ok'));
    }
  });
});

describe('a code node', () => {
  it('gives its function the context, and gives what that returns', async () => {
    const seen: HandlerContext[] = [];
    const { context, reports } = createNodeContext({
      input: { n: 2 },
      handler: (given) => {
        seen.push(given);
        given.progress(40, 'half');
        given.findings('two');
        return 'out';
      },
    });
    expect(await codeKind.execute(context)).toBe('out');
    expect(seen[0]).toMatchObject({
      input: { n: 2 },
      attempt: 1,
      idempotencyKey: 'run-1:node-1',
      organization: { id: 'org-1' },
    });
    expect(seen[0]?.signal).toBe(context.signal);
    expect(seen[0]).not.toHaveProperty('runItems');
    expect(reports).toEqual({ progress: [{ percent: 40, message: 'half' }], findings: ['two'] });
  });

  it('gives its function a context of which a copy is whole', async () => {
    const { context } = createNodeContext({ input: 1, handler: (given) => ({ ...given }) });
    const copy = (await codeKind.execute(context)) as HandlerContext;
    expect(copy.signal).toBe(context.signal);
    expect([typeof copy.progress, typeof copy.step, copy.input, copy.attempt]).toEqual(['function', 'function', 1, 1]);
  });

  it('lets its function change the input without changing what others see', async () => {
    const input = { list: [3, 1, 2] };
    const handler = ({ input: own }: HandlerContext): unknown => (own as { list: number[] }).list.length;
    const mutating = (given: HandlerContext): unknown => {
      (given.input as unknown as { list: number[] }).list.length = 0;
      return null;
    };
    await codeKind.execute(createNodeContext({ input, handler: mutating }).context);
    expect(await codeKind.execute(createNodeContext({ input, handler }).context)).toBe(3);
  });

  it('fails as the handler fails', async () => {
    await expect(codeKind.execute(createNodeContext({}).context)).rejects.toMatchObject({ kind: 'handler_missing' });
    const handler = (): never => {
      throw new NodeFailure('No company found', { kind: 'unknown_company', retryable: false });
    };
    await expect(codeKind.execute(createNodeContext({ handler }).context)).rejects.toMatchObject({
      kind: 'unknown_company',
    });
  });
});

describe('a transform node', () => {
  it('gives its evaluated "with"', async () => {
    expect(await transformKind.execute(createNodeContext({ input: { a: [1] } }).context)).toEqual({ a: [1] });
  });
});

describe('a map node', () => {
  const done = (output: number): StepOutcome => ({ status: 'completed', output });
  const failed: StepOutcome = { status: 'failed', error: { kind: 'http_5xx', message: 'no' } };

  function mapOver(
    fields: { readonly [name: string]: number | string | readonly number[] },
    outcomes: readonly StepOutcome[],
    role?: string,
  ) {
    const asked: RunItemsOptions[] = [];
    const made = createNodeContext({
      fields,
      ...(role === undefined ? {} : { role }),
      runItems: (options) => {
        asked.push(options);
        outcomes.forEach((_, index) =>
          options.onEnd?.(index + 1, outcomes.slice(0, index + 1).filter(({ status }) => status === 'failed').length),
        );
        return Promise.resolve(outcomes);
      },
    });
    return { ...made, asked };
  }

  it('gives the outputs in the order of the items and follows them with its progress', async () => {
    const { context, reports, asked } = mapOver({ over: [1, 2, 3, 4], concurrency: 2 }, [
      done(1),
      done(2),
      done(3),
      done(4),
    ]);
    expect(await mapKind.execute(context)).toEqual([1, 2, 3, 4]);
    expect(asked[0]).toMatchObject({ items: [1, 2, 3, 4], concurrency: 2, stopOnFailure: true });
    expect(reports.progress.map(({ percent }) => percent)).toEqual([25, 50, 75, 100]);
    expect(reports.progress[2]?.message).toBe('3 of 4 items done');
  });

  it('fails with the first item that failed, and its kind', async () => {
    const outcomes: StepOutcome[] = [];
    outcomes[0] = done(1);
    outcomes[2] = failed;
    const { context } = mapOver({ over: [1, 2, 3, 4] }, outcomes);
    await expect(mapKind.execute(context)).rejects.toMatchObject({ kind: 'http_5xx', message: 'item 2: no' });
  });

  it('puts null for items that failed when told to continue', async () => {
    const { context, reports, asked } = mapOver({ over: [1, 2], on_item_error: 'continue' }, [failed, done(2)]);
    expect(await mapKind.execute(context)).toEqual([null, 2]);
    expect(asked[0]).toMatchObject({ concurrency: 10, stopOnFailure: false });
    expect(reports.progress[1]?.message).toBe('2 of 2 items done, 1 failed');
  });

  it('says as an agent how many items are done', async () => {
    const { context, reports } = mapOver({ over: [1, 2, 3] }, [done(1), done(2), done(3)], 'writer');
    await mapKind.execute(context);
    expect(reports.findings).toEqual(['3 of 3 done.']);
    const some = mapOver({ over: [1, 2], on_item_error: 'continue' }, [failed, done(2)], 'writer');
    await mapKind.execute(some.context);
    expect(some.reports.findings).toEqual(['1 of 2 done, 1 failed.']);
  });

  it('has nothing to do for an empty array', async () => {
    const { context, asked } = mapOver({ over: [] }, []);
    expect(await mapKind.execute(context)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
