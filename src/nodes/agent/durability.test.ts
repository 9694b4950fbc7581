import { describe, expect, it } from 'vitest';
import { RunUnderTest, type CommitFate } from '../../../test/support/runs/run-under-test.js';
import {
  calls,
  NO_ANSWER,
  ScriptedModels,
  type Said,
  type Script,
} from '../../../test/support/runs/scripted-models.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { ErrandError } from '../../core/errors.js';
import type { NodeSpec, ToolSpec, WorkflowSpec } from '../../workflow/define-workflow.js';

const NUMBER = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };

const agent = (rest: Partial<NodeSpec>): NodeSpec => ({ id: 'scout', kind: 'agent', goal: 'Find it', ...rest });

function counting(): { readonly tool: ToolSpec; readonly done: number[] } {
  const done: number[] = [];
  const code = ({ input }: { readonly input: { readonly n: number } }): number => {
    done.push(input.n);
    return input.n * 10;
  };
  return { done, tool: { name: 'times', description: 'Times ten.', input: NUMBER, code: code as never } };
}

describe('an agent that was interrupted', () => {
  it('goes on from its last finished call: no call of a model or a tool is made again', async () => {
    const { tool, done } = counting();
    const test = new RunUnderTest([agent({ tools: [tool] })]);
    const before = new ScriptedModels(
      calls(['times', { n: 1 }], ['times', { n: 2 }]),
      calls(['times', { n: 3 }]),
      NO_ANSWER,
    );
    test.models = before;
    const lost = test.drive();
    await test.clock.advance(1_000);
    test.control.leave();
    await lost;
    expect(before.asked).toHaveLength(3);
    const after = new ScriptedModels('done');
    test.models = after;
    expect((await test.drive()).output).toBe('done');
    expect(done).toEqual([1, 2, 3]);
    expect(after.asked.map(({ messages }) => messages)).toEqual([before.asked[2]?.messages]);
    expect(test.node('scout')?.usage).toMatchObject({ calls: 3 });
  });

  it('is asked and does the same, wherever it crashed', async () => {
    const script: readonly Said[] = [
      calls(['times', { n: 1 }], ['record_findings', { text: 'One.' }]),
      calls(['times', { n: 2 }]),
      'done',
    ];
    const say = ({ messages }: { readonly messages: readonly unknown[] }): Said =>
      script[(messages.length - 1) / 2] ?? 'end';
    for (let commit = 0; commit < 12; commit += 1) {
      for (const fate of ['lost', 'kept, then crash'] as const satisfies readonly CommitFate[]) {
        const { tool } = counting();
        const test = new RunUnderTest([agent({ role: 'scout', label: 'Scout', tools: [tool] })]);
        const models = new ScriptedModels(say);
        test.models = models;
        test.commitFates = [...Array.from({ length: commit }, () => 'kept' as const), fate];
        for (let life = 0; test.run.status !== 'completed' && life < 3; life += 1) {
          const driving = test.drive();
          await test.clock.advance(1_000);
          await driving;
        }
        expect(test.run).toMatchObject({ status: 'completed', output: 'done' });
        expect(test.node('scout')).toMatchObject({ findings: 'One.', usage: { calls: 3 } });
        const told = new Set(models.asked.map(({ messages }) => JSON.stringify(messages)));
        // One for each length of the conversation: what is said again after a crash is what was said before.
        expect(told.size).toBe(new Set(models.asked.map(({ messages }) => messages.length)).size);
      }
    }
  });

  it('and whose model says something else when it is asked anew uses no result of another call', async () => {
    const { tool, done } = counting();
    const test = new RunUnderTest([agent({ tools: [tool] })]);
    test.models = new ScriptedModels(calls(['times', { n: 1 }]), NO_ANSWER);
    const lost = test.drive();
    await test.clock.advance(1_000);
    test.control.leave();
    await lost;
    // As when what models answered is not kept.
    const kept = test.log.filter((event) => event.kind !== 'step.completed' || !event.key.includes('model:'));
    test.log.splice(0, test.log.length, ...kept);
    const after = new ScriptedModels(calls(['times', { n: 2 }]), 'done');
    test.models = after;
    await test.drive();
    expect(after.results(2)).toEqual([[20, false]]);
    expect(done).toEqual([1, 2]);
  });

  it('by a failure goes on in its next attempt', async () => {
    const { tool, done } = counting();
    const test = new RunUnderTest([agent({ tools: [tool], retry: { attempts: 2, initial: 1 } })]);
    const models = new ScriptedModels(calls(['times', { n: 1 }]), new NodeFailure('busy', { kind: 'network' }), 'done');
    test.models = models;
    const driving = test.drive();
    await test.clock.advance(100);
    expect((await driving).output).toBe('done');
    expect(done).toEqual([1]);
    expect(models.asked.map(({ messages }) => messages.length)).toEqual([1, 3, 3]);
  });
});

describe('a workflow as a tool', () => {
  function parent(said: Script, rest: Partial<NodeSpec> = {}, workflow: Partial<WorkflowSpec> = {}) {
    const { tool, done } = counting();
    const tools: ToolSpec[] = [{ workflow: 'child' }, tool];
    const test = new RunUnderTest([agent({ tools, ...rest })], workflow);
    test.children.descriptions.set('child', {
      name: 'Child',
      description: 'Does it.',
      inputSchema: NUMBER,
      outputSchema: null,
    });
    const models = new ScriptedModels(...said);
    test.models = models;
    return { test, models, done };
  }

  async function endChild(test: RunUnderTest, id: string, changes: object): Promise<void> {
    test.children.change(id, changes);
    test.control.haveLook();
    await test.clock.advance(100);
  }

  it('runs as a child while nothing of the agent is in memory, and its output is the result', async () => {
    const { test, models, done } = parent([
      calls(['child', { n: 1 }], ['times', { n: 2 }]),
      calls(['times', { n: 3 }]),
      'done',
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    expect(test.node('scout')).toMatchObject({ status: 'waiting', waitingFor: 'run', childRunId: 'child-1' });
    expect(test.parkedUntil).toBeNull();
    expect(test.children.started).toMatchObject([
      { workflowId: 'child', version: null, input: { n: 1 }, parent: { nodeId: 'scout' }, instruction: 'be kind' },
    ]);
    await endChild(test, 'child-1', { status: 'completed', output: { found: true } });
    expect((await driving).output).toBe('done');
    expect(models.asked).toHaveLength(3);
    expect(models.asked[0]?.tools?.find(({ name }) => name === 'child')).toEqual({
      name: 'child',
      description: 'Child: Does it.',
      inputSchema: NUMBER,
    });
    expect(models.results(2)).toEqual([
      [{ found: true }, false],
      [20, false],
    ]);
    expect(done).toEqual([2, 3]);
    expect(test.log.filter((event) => event.kind === 'node.started').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('called several times in one answer runs one after the other', async () => {
    const { test, models } = parent([calls(['child', { n: 1 }], ['child', { n: 2 }]), 'done']);
    const driving = test.drive();
    await test.clock.advance(100);
    expect(test.children.started).toHaveLength(1);
    await endChild(test, 'child-1', { status: 'completed', output: 'a' });
    expect(test.children.started.map(({ input }) => input)).toEqual([{ n: 1 }, { n: 2 }]);
    await endChild(test, 'child-2', { status: 'failed', error: { kind: 'error', message: 'broken', nodeId: null } });
    await driving;
    expect(models.results(2)).toEqual([
      ['a', false],
      ['child (run_child-2) failed: broken', true],
    ]);
  });

  it('is started once, wherever the process crashed', async () => {
    for (let commit = 0; commit < 10; commit += 1) {
      for (const fate of ['lost', 'kept, then crash'] as const satisfies readonly CommitFate[]) {
        const { test, models } = parent([
          ({ messages }) => (messages.length === 1 ? calls(['child', { n: 1 }]) : 'done'),
        ]);
        test.commitFates = [...Array.from({ length: commit }, () => 'kept' as const), fate];
        for (let life = 0; test.run.status !== 'completed' && life < 4; life += 1) {
          const driving = test.drive();
          await test.clock.advance(100);
          if (test.children.started.length > 0) await endChild(test, 'child-1', { status: 'completed', output: 'x' });
          await driving;
        }
        expect(test.run).toMatchObject({ status: 'completed', output: 'done' });
        expect(test.children.started).toHaveLength(1);
        expect(models.results(models.asked.length)).toEqual([['x', false]]);
        expect(test.node('scout')?.usage).toMatchObject({ calls: 2 });
      }
    }
  });

  it('that cannot be started is an error to the model, and stays one', async () => {
    const { test, models } = parent([calls(['child', { n: 1 }]), NO_ANSWER]);
    test.children.refusal = new ErrandError('insufficient_credits', 'Not enough credits.');
    const lost = test.drive();
    await test.clock.advance(1_000);
    test.control.leave();
    await lost;
    const told = [['Workflow child could not be started: Not enough credits.', true]];
    expect(models.results(2)).toEqual(told);
    const after = new ScriptedModels('done');
    test.models = after;
    expect((await test.drive()).output).toBe('done');
    expect(after.results(1)).toEqual(told);
    expect(test.children.started).toEqual([]);
  });

  it('is cancelled with its parent', async () => {
    const { test } = parent([calls(['child', { n: 1 }])]);
    const driving = test.drive();
    await test.clock.advance(100);
    test.control.cancel('enough');
    await driving;
    expect(test.run.status).toBe('cancelled');
    expect(test.children.cancelled).toEqual(['child-1']);
  });

  it('that takes longer than the time-out of the agent fails its attempt and is cancelled; the next attempt starts another', async () => {
    const { test, models } = parent([calls(['child', { n: 1 }]), 'done'], {
      timeout: '1m',
      retry: { attempts: 2, initial: 1 },
    });
    const driving = test.drive();
    await test.clock.advance(61_000);
    expect(test.children.cancelled).toEqual(['child-1']);
    await test.clock.advance(1_000);
    expect(test.children.started).toHaveLength(2);
    await endChild(test, 'child-2', { status: 'completed', output: 'late' });
    expect((await driving).output).toBe('done');
    expect(models.asked).toHaveLength(2);
  });

  it('that is not there fails the agent for good', async () => {
    const { test } = parent(['done'], { tools: [{ workflow: 'lost' }], retry: { attempts: 3 } });
    expect((await test.drive()).error).toMatchObject({ kind: 'not_found' });
  });
});
