import { describe, expect, it } from 'vitest';
import { code, RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { ScriptedModels, USED, type Said } from '../../../test/support/runs/scripted-models.js';
import type { Models } from '../../core/models/models.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';

describe('what a model used that gave no answer', () => {
  const busy = new NodeFailure('busy', { kind: 'model_overloaded' });
  const usages = (test: RunUnderTest) =>
    test.log.flatMap((event) =>
      (event.kind === 'node.usage' || event.kind === 'step.completed') && event.usage !== undefined
        ? [[event.kind, event.usage.model, event.usage.calls]]
        : [],
    );

  it('counts for its node, at each attempt', async () => {
    const test = new RunUnderTest([
      code('a', async ({ generate }) => (await generate({ prompt: 'x', key: 'draft' })).usage, {
        retry: { attempts: 2, initial: 1 },
      }),
    ]);
    test.models = new ScriptedModels({ lost: ['test/one'], ends: busy }, 'yes');
    const driving = test.drive();
    await test.clock.advance(100);
    // An attempt knows of its own calls only.
    expect((await driving).output).toMatchObject({ calls: 1 });
    expect(usages(test)).toEqual([
      ['node.usage', 'test/one', 1],
      ['step.completed', 'test/one', 1],
    ]);
    expect(test.log.find(({ kind }) => kind === 'node.usage')).toMatchObject({ nodeId: 'a', step: 'draft' });
    expect(test.node('a')?.usage).toMatchObject({ calls: 2, inputTokens: 200, outputTokens: 40, costMicros: 3_000 });
  });

  it('is nothing where nothing was told', async () => {
    const test = new RunUnderTest([code('a', ({ generate }) => generate({ prompt: 'x' }))]);
    test.models = new ScriptedModels(busy);
    expect((await test.drive()).status).toBe('failed');
    expect(usages(test)).toEqual([]);
    expect(test.node('a')?.usage).toBeUndefined();
  });

  it('counts under its own name when another answered in its place, and is told with the answer', async () => {
    const test = new RunUnderTest([code('a', async ({ generate }) => (await generate({ prompt: 'x' })).usage)]);
    test.models = new ScriptedModels({ lost: ['test/small', 'test/middle'], ends: 'yes' });
    expect((await test.drive()).output).toMatchObject({ calls: 3, inputTokens: 300, outputTokens: 60 });
    expect(usages(test)).toEqual([
      ['node.usage', 'test/small', 1],
      ['node.usage', 'test/middle', 1],
      ['step.completed', 'test/one', 1],
    ]);
    expect(test.node('a')?.usage).toMatchObject({ calls: 3 });
  });

  it('counts once over a crash, wherever that was', async () => {
    for (let commit = 0; commit < 6; commit += 1) {
      for (const fate of ['lost', 'kept, then crash'] as const) {
        const test = new RunUnderTest([
          code('a', async ({ generate }) => (await generate({ prompt: 'x' })).text, {
            retry: { attempts: 2, initial: 1 },
          }),
        ]);
        const say = (): Said => (test.log.some(({ kind }) => kind === 'node.retrying') ? 'yes' : failing);
        const failing: Said = { lost: ['test/one'], ends: busy };
        test.models = new ScriptedModels(say);
        test.commitFates = [...Array.from({ length: commit }, () => 'kept' as const), fate];
        for (let life = 0; test.run.status !== 'completed' && life < 3; life += 1) {
          const driving = test.drive();
          await test.clock.advance(1_000);
          await driving;
        }
        const told = usages(test);
        expect([test.run.status, test.node('a')?.usage?.calls]).toEqual(['completed', told.length]);
        // What was made again after a crash was used again.
        expect(told.length).toBeGreaterThanOrEqual(2);
      }
    }
  });

  it('counts when the call is cut off: by the time-out of its node, and by the end of its run', async () => {
    // Tells what it used when it is hung up on.
    const hangs: Models = {
      call: (_, { signal, onLost }) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => {
            onLost?.({ ...USED, model: 'test/one' });
            reject(signal.reason as Error);
          });
        }),
      explainUnusable: async () => null,
    };
    const late = new RunUnderTest([code('a', ({ generate }) => generate({ prompt: 'x' }), { timeout: '1s' })]);
    late.models = hangs;
    const driving = late.drive();
    await late.clock.advance(1_500);
    expect((await driving).error).toMatchObject({ kind: 'timeout' });
    expect(late.node('a')?.usage).toMatchObject({ calls: 1 });

    const cancelled = new RunUnderTest([code('a', ({ generate }) => generate({ prompt: 'x' }))]);
    cancelled.models = hangs;
    const ending = cancelled.drive();
    await cancelled.clock.advance(100);
    cancelled.control.cancel('enough');
    expect((await ending).status).toBe('cancelled');
    expect(cancelled.node('a')?.usage).toMatchObject({ calls: 1 });
    expect(cancelled.kinds().at(-1)).toBe('run.cancelled');
  });

  it('counts when the answer is too long to be kept', async () => {
    const test = new RunUnderTest([code('a', ({ generate }) => generate({ prompt: 'x' }))]);
    test.models = new ScriptedModels('x'.repeat(PAYLOAD_LIMITS.output));
    expect((await test.drive()).error).toMatchObject({ kind: 'output_too_large' });
    expect(test.node('a')?.usage).toMatchObject({ calls: 1 });
  });

  it('counts of every repair when none fits', async () => {
    const output = { type: 'object' };
    const test = new RunUnderTest([code('a', ({ generate }) => generate({ prompt: 'x', output, repairs: 2 }))]);
    test.models = new ScriptedModels('no', 'no', 'no');
    expect((await test.drive()).error).toMatchObject({ kind: 'invalid_output' });
    expect(test.node('a')?.usage).toMatchObject({ calls: 3 });
  });

  it('is within the budget', async () => {
    const test = new RunUnderTest([
      code('a', ({ generate }) => generate({ prompt: 'x' }), {
        budget: { tokens: 200 },
        retry: { attempts: 5, initial: 1 },
      }),
    ]);
    const failing: Said = { lost: ['test/one'], ends: busy };
    const models = new ScriptedModels(() => failing);
    test.models = models;
    const driving = test.drive();
    await test.clock.advance(1_000);
    expect((await driving).error).toMatchObject({
      kind: 'budget_exceeded',
      message: 'a has used 240 of the 200 tokens of its budget',
    });
    expect(models.asked).toHaveLength(2);
  });
});
