import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.js';
import type { NodeSpec } from '../../src/workflow/define-workflow.js';
import type { ModelServerScript } from '../support/model-servers/answers.js';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { LOCAL_MODEL, MODELS, modelsAgainst, SERVER_KEY } from '../support/model-servers/models-against.js';
import { RunUnderTest } from '../support/runs/run-under-test.js';

const ALL = [...Object.values(MODELS), LOCAL_MODEL];
const NUMBER = { type: 'object', required: ['n'], properties: { n: { type: 'number' } }, additionalProperties: false };

let server: ModelServer;
let done: Json[];

beforeEach(async () => {
  server = await startModelServer({ key: SERVER_KEY });
  done = [];
});

afterEach(() => server.close());

async function run(node: Partial<NodeSpec>, script: ModelServerScript) {
  server.script(script);
  const test = new RunUnderTest([{ id: 'a', kind: 'agent', goal: 'Add up', tools: [ADD], ...node }]);
  test.models = modelsAgainst(server, { prices: new Map([['openai/gpt-5', { input: 1, output: 10 }]]) });
  return { test, ended: await test.drive() };
}

const ADD = {
  name: 'add',
  description: 'Adds one.',
  input: NUMBER,
  code: ({ input }: { readonly input: { readonly n?: Json } }) => {
    const n = Number(input.n);
    done.push(n);
    return { n: n + 1 };
  },
};

describe.each(ALL)('an agent on %s', (model) => {
  it('thinks, uses tools side by side and comes to a result that fits', async () => {
    const { test, ended } = await run({ model, output: NUMBER }, [
      {
        reasoning: 'Two at once.',
        text: 'I add both.',
        toolCalls: [
          { name: 'add', input: { n: 1 } },
          { name: 'add', input: { n: 5 } },
        ],
        usage: { input: 100, output: 20 },
      },
      { json: { n: 'eight' }, usage: { input: 150, output: 5 } },
      { json: { n: 8 }, usage: { input: 200, output: 5 } },
    ]);
    expect(ended).toMatchObject({ status: 'completed', output: { n: 8 } });
    expect(new Set(done)).toEqual(new Set([1, 5]));
    const [first, second, third] = server.requests;
    expect(first?.stream).toBe(true);
    expect(first?.system).toMatch(/^You work towards the goal/);
    expect(first?.tools.map(({ name }) => name)).toEqual(['report_progress', 'record_findings', 'add']);
    const results = second?.messages.flatMap(({ toolResults }) => toolResults.map(({ output }) => JSON.parse(output)));
    expect(results).toEqual([{ n: 2 }, { n: 6 }]);
    const calls = second?.messages.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id));
    expect(second?.messages.flatMap(({ toolResults }) => toolResults.map(({ callId }) => callId))).toEqual(calls);
    expect(third?.messages.at(-1)?.text).toContain('/n must be');
    expect(test.node('a')?.usage).toMatchObject({ calls: 3, inputTokens: 450, outputTokens: 30 });
    const texts = test.log.filter((event) => event.kind === 'node.text' && event.step === 'call 1');
    expect(texts).toMatchObject([{ offset: 0, text: 'I add both.' }]);
  });

  it('that says nothing is asked again', async () => {
    const { ended } = await run({ model }, ['', 'Two.']);
    expect(ended).toMatchObject({ status: 'completed', output: 'Two.' });
    expect(server.requests[1]?.messages.at(-1)?.text).toContain('the answer is empty');
  });

  it('that is refused an answer fails with that, and what it did stays done', async () => {
    const { test, ended } = await run({ model }, [
      { toolCalls: [{ name: 'add', input: { n: 1 } }] },
      { refusal: 'I cannot help with that.', finish: 'content_filter' },
    ]);
    expect(ended.error).toMatchObject({ kind: 'model_refused', nodeId: 'a' });
    expect(test.log.filter(({ kind }) => kind === 'step.completed')).toHaveLength(2);
  });

  it('whose connection is cut goes on in its next attempt with what it has', async () => {
    server.script([
      { toolCalls: [{ name: 'add', input: { n: 1 } }] },
      { text: 'It comes to two', cut: 'middle' },
      'Two.',
    ]);
    const test = new RunUnderTest([
      { id: 'a', kind: 'agent', goal: 'Add up', tools: [ADD], model, retry: { attempts: 2, initial: 1 } },
    ]);
    test.models = modelsAgainst(server);
    const driving = test.drive();
    await server.arrived(2);
    await untilNodeEnded(test);
    expect(await driving).toMatchObject({ status: 'completed', output: 'Two.' });
    expect(done).toEqual([1]);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[2]?.messages).toEqual(server.requests[1]?.messages);
  });
});

describe.each(ALL.filter((model) => model !== MODELS.google))('an agent on %s, whose arguments are text,', (model) => {
  it('is told when what it calls a tool with is no JSON', async () => {
    const { ended } = await run({ model }, [{ toolCalls: [{ name: 'add', input: '{"n": 1' }] }, 'I give up.']);
    expect(ended).toMatchObject({ status: 'completed', output: 'I give up.' });
    expect(done).toEqual([]);
    const told = server.requests[1]?.messages.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
    expect(told).toEqual([expect.stringContaining('The arguments do not fit')]);
  });
});

describe('an agent on Google', () => {
  it('goes on in its next attempt when the model wrote a call of a tool that cannot be read', async () => {
    server.script([
      { toolCalls: [{ name: 'add', input: { n: 1 } }] },
      { toolCalls: [{ name: 'add', input: '{"n": 2' }] },
      { toolCalls: [{ name: 'add', input: { n: 2 } }] },
      'Three.',
    ]);
    const retry = { attempts: 2, initial: 1 };
    const test = new RunUnderTest([
      { id: 'a', kind: 'agent', goal: 'Add up', tools: [ADD], model: MODELS.google, retry },
    ]);
    test.models = modelsAgainst(server);
    const driving = test.drive();
    await server.arrived(2);
    await untilNodeEnded(test);
    expect(await driving).toMatchObject({ status: 'completed', output: 'Three.' });
    expect(done).toEqual([1, 2]);
  });
});

/** Lets the clock, which stands still by itself, go on until the node has ended. */
async function untilNodeEnded(test: RunUnderTest): Promise<void> {
  while (!test.log.some(({ kind }) => kind === 'node.completed' || kind === 'node.failed')) {
    await test.clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
