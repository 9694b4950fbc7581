import { describe, expect, it } from 'vitest';
import { code, RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { calls, NO_ANSWER, ScriptedModels } from '../../../test/support/runs/scripted-models.js';
import type { ContentPolicy } from '../../core/models/content-policy.js';
import type { RunEvent } from '../../core/run/events.js';
import { NO_USAGE, type Models } from '../../core/models/models.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { ToolSpec } from '../../workflow/define-workflow.js';
import { ModelContent } from './model-content.js';

/** Turns texts round, which is secret enough to look for. */
const box: SecretBox = {
  seal: (secret, place) => ({ nonce: place, ciphertext: Buffer.from(secret).toString('hex') }),
  open: ({ nonce, ciphertext }, place) => {
    if (nonce !== place) throw new Error('sealed for another place');
    return Buffer.from(ciphertext, 'hex').toString();
  },
};

const ANSWER = 'Her address is ada@example.com. She is kind.';

function modelsThatAnswer(counter: { calls: number }): Models {
  return {
    call: async (_, { onText }) => {
      counter.calls += 1;
      for (let at = 0; at < ANSWER.length; at += 7) onText?.(ANSWER.slice(at, at + 7), at);
      return {
        model: 'test/one',
        text: ANSWER,
        toolCalls: [],
        finish: 'stop',
        assistant: [{ type: 'text', text: ANSWER }],
        usage: { ...NO_USAGE, calls: 1 },
      };
    },
    explainUnusable: async () => null,
  };
}

const asks = code('a', async ({ generate }) => {
  const { text } = await generate({ prompt: 'Who is ada@example.com?' });
  return { length: text.length };
});

function underTest(policy: ContentPolicy, counter = { calls: 0 }): RunUnderTest {
  const test = new RunUnderTest([asks]);
  test.models = modelsThatAnswer(counter);
  test.content = new ModelContent({ policy, box });
  return test;
}

async function logOf(policy: ContentPolicy): Promise<readonly RunEvent[]> {
  const test = underTest(policy);
  expect((await test.drive()).output).toEqual({ length: ANSWER.length });
  return test.log;
}

const textOf = (log: readonly RunEvent[]): string => JSON.stringify(log);

describe('what a log holds of a model call', () => {
  it('is everything when all is kept', async () => {
    const log = textOf(await logOf('keep'));
    expect(log).toContain('Who is ada@example.com?');
    expect(log).toContain(ANSWER);
  });

  it('is nothing that can be read when all is dropped, and no text on the way', async () => {
    const log = await logOf('drop');
    const text = textOf(log);
    expect(text).not.toContain('ada@');
    expect(text).not.toContain('She is');
    expect(log.filter(({ kind }) => kind === 'node.text')).toEqual([]);
    expect(log.find(({ kind }) => kind === 'step.completed')).toMatchObject({ usage: { model: 'test/one', calls: 1 } });
  });

  it('is masked where it can be read when it is redacted', async () => {
    const log = await logOf('redact');
    const text = textOf(log);
    expect(text).not.toContain('ada@');
    expect(text).toContain('Who is [email]?');
    const shown = log.flatMap((event) => (event.kind === 'node.text' ? [event.text] : [])).join('');
    expect(shown).toBe('Her address is [email]. She is kind.');
  });
});

describe('a remembered answer that is sealed', () => {
  it('is not asked for again after a crash', async () => {
    const counter = { calls: 0 };
    let hang = true;
    const test = new RunUnderTest([
      code('a', async ({ generate }) => {
        const { text } = await generate({ prompt: 'Who?' });
        return hang ? new Promise(() => undefined) : { text };
      }),
    ]);
    test.models = modelsThatAnswer(counter);
    test.content = new ModelContent({ policy: 'drop', box });
    const lost = test.drive();
    await test.clock.advance(100);
    test.control.leave();
    await lost;
    hang = false;
    expect((await test.drive()).output).toEqual({ text: ANSWER });
    expect(counter.calls).toBe(1);
  });

  it('fails its node, to begin anew, when it cannot be opened any more', async () => {
    const test = underTest('drop');
    const broken = new ModelContent({
      policy: 'drop',
      box: {
        ...box,
        open: () => {
          throw new Error('the key is gone');
        },
      },
    });
    test.content = broken;
    const run = await test.drive();
    expect(run.error).toMatchObject({ kind: 'answer_lost', message: expect.stringContaining('the key is gone') });
    expect(test.log.find(({ kind }) => kind === 'node.failed')).toMatchObject({ anew: true });
  });
});

describe('what is left of a log once its run has ended', () => {
  const strip = (content: ModelContent, event: RunEvent): RunEvent => content.strip(event, RUN) ?? event;
  const RUN = '0197a000-0000-7000-8000-000000000001';
  const stepOf = (log: readonly RunEvent[]): RunEvent | undefined => log.find(({ kind }) => kind === 'step.completed');

  it('is that there was an answer, when all is dropped', async () => {
    const content = new ModelContent({ policy: 'drop', box });
    const step = stepOf((await logOf('drop')).map((event) => strip(content, event)));
    expect(step).toMatchObject({ outcome: { status: 'completed', output: { dropped: true } } });
    // Also of what was kept before the policy changed.
    const before = (await logOf('keep')).map((event) => strip(content, event));
    expect(stepOf(before)).toMatchObject({ outcome: { status: 'completed', output: { dropped: true } } });
    expect(textOf(before)).not.toContain('ada@');
    expect(textOf(before)).not.toContain('She is');
  });

  it('is the masked answer, when it is redacted', async () => {
    const content = new ModelContent({ policy: 'redact', box });
    const log = (await logOf('redact')).map((event) => strip(content, event));
    expect(stepOf(log)).toMatchObject({
      outcome: { output: { answer: { text: 'Her address is [email]. She is kind.' }, redacted: true } },
    });
    expect(textOf(log)).not.toContain('ada@');
    expect(log.map((event) => content.strip(event, RUN)).filter((event) => event !== null)).toEqual([]);
  });
});

describe('what a log holds of the tools that an agent uses', () => {
  const RUN = '0197a000-0000-7000-8000-000000000001';
  const ASKED = 'Where does Eve live, eve@example.com?';
  const GIVEN = 'Bob lives there too: bob@example.com.';
  const TOLD_INSIDE = 'Zoe writes from zoe@example.com.';
  const ERROR = 'No letter reached kim@example.com.';
  const CHILD = 'Max answers from max@example.com.';
  const SECRETS = ['Eve', 'Bob', 'Zoe', 'kim@', 'Max'];
  const NOTHING = { type: 'object' } as const;

  function mailer(policy: ContentPolicy) {
    const used: string[] = [];
    const look = async ({ step }: { readonly step: (key: string, work: () => string) => Promise<string> }) => {
      used.push('look');
      await step('inside', () => {
        used.push('inside');
        return TOLD_INSIDE;
      });
      return GIVEN;
    };
    const send = (): never => {
      used.push('send');
      throw new Error(ERROR);
    };
    const own = Object.entries({ look, send }).map(([name, work]): ToolSpec => ({
      name,
      description: name,
      input: NOTHING,
      code: work as never,
    }));
    const tools: ToolSpec[] = [...own, { workflow: 'child' }];
    const test = new RunUnderTest([{ id: 'scout', kind: 'agent', goal: 'Look', tools }]);
    test.children.descriptions.set('child', {
      name: 'Child',
      description: 'Answers.',
      inputSchema: NOTHING,
      outputSchema: null,
    });
    test.content = new ModelContent({ policy, box });
    return { test, used };
  }

  /** Lets the process die while the model is asked for its third answer, and another one go on. */
  async function crashAndGoOn(policy: ContentPolicy) {
    const { test, used } = mailer(policy);
    test.models = new ScriptedModels(
      calls(['look', { question: ASKED }], ['send', {}]),
      calls(['child', { question: ASKED }]),
      NO_ANSWER,
    );
    const lost = test.drive();
    await test.clock.advance(1_000);
    test.children.change('child-1', { status: 'completed', output: CHILD });
    test.control.haveLook();
    await test.clock.advance(1_000);
    test.control.leave();
    await lost;
    const midway = [...test.log];
    const after = new ScriptedModels('done');
    test.models = after;
    expect((await test.drive()).output).toBe('done');
    return { test, used, midway, after };
  }

  it('lets whoever goes on after a crash know all of it, whatever is kept', async () => {
    for (const policy of ['keep', 'redact', 'drop'] as const) {
      const { used, after, test } = await crashAndGoOn(policy);
      expect(used).toEqual(['look', 'inside', 'send']);
      expect(test.children.started).toHaveLength(1);
      const results = after.asked[0]?.messages.flatMap((message) => (message.role === 'tool' ? message.results : []));
      expect(results?.map(({ output, isError }) => [output, isError])).toEqual([
        [GIVEN, false],
        [ERROR, true],
        [CHILD, false],
      ]);
    }
  });

  it('is everything when all is kept', async () => {
    const log = textOf((await crashAndGoOn('keep')).midway);
    for (const text of [ASKED, GIVEN, TOLD_INSIDE, ERROR, CHILD]) expect(log).toContain(text);
  });

  it('is nothing that can be read when all is dropped, neither on the way nor in the end', async () => {
    const { test, midway } = await crashAndGoOn('drop');
    const ended = test.log.map((event) => test.content.strip(event, RUN) ?? event);
    for (const log of [midway, test.log, ended]) {
      for (const secret of SECRETS) expect(textOf(log)).not.toContain(secret);
    }
    const steps = ended.filter(({ kind }) => kind === 'step.completed');
    // Of its three calls of the model, both tools with the step in one, and the run. What the workflow takes is not the
    // tool's.
    expect(steps.filter((step) => textOf([step]).includes('{"dropped":true}'))).toHaveLength(7);
    expect(steps).toHaveLength(8);
  });

  it('is masked when it is redacted, and cannot be read before', async () => {
    const { test, midway } = await crashAndGoOn('redact');
    expect(textOf(midway)).not.toContain('@example.com');
    const ended = textOf(test.log.map((event) => test.content.strip(event, RUN) ?? event));
    expect(ended).not.toContain('@example.com');
    for (const text of [GIVEN, TOLD_INSIDE, ERROR, CHILD]) {
      expect(ended).toContain(text.replace(/\w+@example\.com/, '[email]'));
    }
  });

  it('begins the node anew when it cannot be opened any more', async () => {
    const { test } = mailer('drop');
    test.models = new ScriptedModels(calls(['look', {}]));
    const isResult = (secret: string): boolean => secret.includes('isError');
    test.content = new ModelContent({
      policy: 'drop',
      box: {
        ...box,
        open: (sealed, place) => {
          const secret = box.open(sealed, place);
          if (isResult(secret)) throw new Error('the key is gone');
          return secret;
        },
      },
    });
    const run = await test.drive();
    expect(run.error).toMatchObject({
      kind: 'answer_lost',
      message: 'What a tool had given cannot be read any more: the key is gone',
    });
    expect(test.log.find(({ kind }) => kind === 'node.failed')).toMatchObject({ anew: true });
  });
});
