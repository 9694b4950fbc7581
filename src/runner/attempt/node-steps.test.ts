import { describe, expect, it } from 'vitest';
import { agent, code, RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { NO_USAGE, type ModelAnswer, type ModelRequest, type Models } from '../../core/models/models.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';

/** Answers with these, one after the other, and keeps what it was asked. */
class ScriptedModels implements Models {
  readonly asked: ModelRequest[] = [];
  readonly #answers: (string | Error)[];

  constructor(...answers: (string | Error)[]) {
    this.#answers = answers;
  }

  async call(request: ModelRequest, { onText }: Parameters<Models['call']>[1]): Promise<ModelAnswer> {
    this.asked.push(request);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new NodeFailure('nothing more to say', { kind: 'model_overloaded' });
    if (answer instanceof Error) throw answer;
    const half = Math.ceil(answer.length / 2);
    onText?.(answer.slice(0, half), 0);
    onText?.(answer.slice(half), half);
    return {
      model: 'test/one',
      text: answer,
      toolCalls: [],
      finish: 'stop',
      assistant: [{ type: 'text', text: answer }],
      usage: { ...NO_USAGE, calls: 1, inputTokens: 100, outputTokens: 20, costMicros: 1_500 },
    };
  }

  async explainUnusable(): Promise<null> {
    return null;
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a step of a handler', () => {
  it('is not done again after a crash, nor in another attempt at its node', async () => {
    const done: string[] = [];
    let crash = true;
    const test = new RunUnderTest([
      code(
        'a',
        async ({ step, attempt }) => {
          const first = await step('first', () => done.push('first'));
          if (crash) return never();
          const second = await step('second', async () => ({ at: done.push('second') }));
          if (attempt === 1) throw new Error('not yet');
          return { first, second };
        },
        { retry: { attempts: 2, initial: 1 } },
      ),
    ]);
    const lost = test.drive();
    await test.clock.advance(100);
    test.control.leave();
    await lost;
    crash = false;
    const driving = test.drive();
    await test.clock.advance(1_000);
    expect((await driving).output).toEqual({ first: 1, second: { at: 2 } });
    expect(done).toEqual(['first', 'second']);
  });

  it('is on disk before its result is given', async () => {
    const test = new RunUnderTest([
      code('a', async ({ step }) => {
        const result = await step('pay', () => 'paid');
        return { result, known: test.log.some((event) => event.kind === 'step.completed') };
      }),
    ]);
    expect((await test.drive()).output).toEqual({ result: 'paid', known: true });
  });

  it('is done again when it failed', async () => {
    let tries = 0;
    const work = (): number => {
      tries += 1;
      if (tries === 1) throw new NodeFailure('busy', { kind: 'network' });
      return tries;
    };
    const test = new RunUnderTest([code('a', ({ step }) => step('x', work), { retry: { attempts: 2, initial: 1 } })]);
    const driving = test.drive();
    await test.clock.advance(100);
    expect((await driving).output).toBe(2);
  });

  it('that is asked for twice at the same time is done once', async () => {
    let done = 0;
    const test = new RunUnderTest([
      code('a', ({ step }) => Promise.all([step('x', () => (done += 1)), step('x', () => (done += 1))])),
    ]);
    expect((await test.drive()).output).toEqual([1, 1]);
  });

  it('belongs to its item in a map', async () => {
    const done: unknown[] = [];
    const test = new RunUnderTest([
      {
        id: 'each',
        kind: 'map',
        over: ['p', 'q'],
        do: {
          kind: 'code',
          with: '{{ item }}',
          retry: { attempts: 2, initial: 1 },
          run: async ({ input, step, attempt }: Parameters<Parameters<typeof code>[1]>[0]) => {
            const result = await step('x', () => done.push(input));
            if (attempt === 1) throw new Error('again');
            return result;
          },
        },
      },
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    expect((await driving).output).toEqual([1, 2]);
    expect(done).toEqual(['p', 'q']);
  });

  it('needs a key', async () => {
    const test = new RunUnderTest([code('a', ({ step }) => step('', () => 1))]);
    expect((await test.drive()).error).toMatchObject({ kind: 'invalid_config' });
  });
});

describe('a call of a model', () => {
  const SCHEMA = { type: 'object', required: ['score'], properties: { score: { type: 'number' } } };

  it('is remembered over a crash, with what it used', async () => {
    const test = new RunUnderTest([
      code('a', async ({ generate }) => {
        const one = await generate({ prompt: 'one' });
        const two = await generate({ prompt: 'two' });
        return [one.text, two.text];
      }),
    ]);
    const before = new ScriptedModels('first');
    const call = before.call.bind(before);
    before.call = (request, options) => (before.asked.length === 0 ? call(request, options) : never());
    test.models = before;
    const lost = test.drive();
    await test.clock.advance(1_000);
    test.control.leave();
    await lost;
    const after = new ScriptedModels('second');
    test.models = after;
    expect((await test.drive()).output).toEqual(['first', 'second']);
    expect(after.asked.map(({ messages }) => messages)).toEqual([
      [{ role: 'user', content: [{ type: 'text', text: 'two' }] }],
    ]);
    expect(test.node('a')?.usage).toMatchObject({ calls: 2, inputTokens: 200, outputTokens: 40, costMicros: 3_000 });
  });

  it('gives JSON that fits its schema, asking again with what is wrong', async () => {
    const test = new RunUnderTest([
      code('a', async ({ generate }) => (await generate({ prompt: 'score it', output: SCHEMA })).output),
    ]);
    const models = new ScriptedModels('{"score":"high"}', 'I think:\n```json\n{"score": 7}\n```');
    test.models = models;
    expect((await test.drive()).output).toEqual({ score: 7 });
    expect(JSON.stringify(models.asked[1]?.messages)).toContain('/score');
  });

  it('that never fits fails its attempt, and the next one begins anew', async () => {
    const test = new RunUnderTest([
      agent('a', async ({ generate }) => (await generate({ prompt: 'x', output: SCHEMA, repairs: 1 })).output, {
        retry: { attempts: 2, initial: 1 },
        on_error: 'fail',
      }),
    ]);
    const models = new ScriptedModels('no', 'no', '{"score":1}');
    test.models = models;
    const driving = test.drive();
    await test.clock.advance(100);
    expect((await driving).output).toEqual({ score: 1 });
    expect(models.asked.map(({ messages }) => messages.length)).toEqual([1, 3, 1]);
    expect(test.log.find(({ kind }) => kind === 'node.retrying')).toMatchObject({
      anew: true,
      error: { kind: 'invalid_output', message: expect.stringContaining('after 1 repair') },
    });
  });

  it('writes its text into the log as it comes', async () => {
    const test = new RunUnderTest([code('a', ({ generate }) => generate({ prompt: 'x', key: 'draft' }))]);
    test.models = new ScriptedModels('hello world!');
    await test.drive();
    const texts = test.log.filter((event) => event.kind === 'node.text');
    expect(texts).toMatchObject([{ step: 'draft', offset: 0, text: 'hello world!' }]);
  });
});

describe('a budget', () => {
  const calls = (count: number) =>
    code(
      'a',
      async ({ generate }) => {
        for (let made = 0; made < count; made += 1) await generate({ prompt: 'x' });
        return count;
      },
      { budget: { calls: 2 } },
    );

  it('of calls allows as many as it says', async () => {
    const test = new RunUnderTest([calls(2)]);
    test.models = new ScriptedModels('1', '2', '3');
    expect((await test.drive()).output).toBe(2);
  });

  it('that is used up fails the node with what was used', async () => {
    const models = new ScriptedModels('1', '2', '3');
    const test = new RunUnderTest([calls(3)]);
    test.models = models;
    expect((await test.drive()).error).toEqual({
      kind: 'budget_exceeded',
      message: 'a has used its budget of 2 model calls',
      nodeId: 'a',
    });
    expect(models.asked).toHaveLength(2);
  });

  it('of calls counts those that go on after their attempt has timed out', async () => {
    let asked = 0;
    const test = new RunUnderTest([
      code('a', ({ generate }) => generate({ prompt: 'x' }), {
        budget: { calls: 2 },
        timeout: '1s',
        retry: { attempts: 3, initial: 1 },
      }),
    ]);
    test.models = { call: () => ((asked += 1), never()), explainUnusable: () => Promise.resolve(null) };
    const driving = test.drive();
    await test.clock.advance(10_000);
    expect((await driving).error).toMatchObject({ kind: 'budget_exceeded' });
    expect(asked).toBe(2);
  });

  it.each([
    [{ tokens: 200 }, 'has used 240 of the 200 tokens'],
    [{ cost: 0.002 }, 'has used $0.003000 of the $0.002000'],
  ])('%j of a run counts every node', async (budget, message) => {
    const ask = (id: string, needs: string[]) => code(id, ({ generate }) => generate({ prompt: id }), { needs });
    const test = new RunUnderTest([ask('a', []), ask('b', ['a']), ask('c', ['b'])], { budget });
    const models = new ScriptedModels('1', '2', '3');
    test.models = models;
    expect((await test.drive()).error).toMatchObject({ kind: 'budget_exceeded', nodeId: 'b' });
    expect(test.run.error?.message).toContain(message);
    expect(models.asked).toHaveLength(2);
  });

  it('of seconds counts from the start of the node, over its attempts', async () => {
    const test = new RunUnderTest([
      code('a', ({ attempt }) => (attempt === 1 ? Promise.reject(new Error('again')) : never()), {
        budget: { seconds: 10 },
        retry: { attempts: 2, initial: 4_000, backoff: 'fixed' },
      }),
    ]);
    const driving = test.drive();
    await test.clock.advance(9_000);
    expect(test.run.status).toBe('running');
    await test.clock.advance(1_500);
    expect((await driving).error).toMatchObject({
      kind: 'budget_exceeded',
      message: 'a took longer than its budget of 10 seconds',
    });
  });
});
