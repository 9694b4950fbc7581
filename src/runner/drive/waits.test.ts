import { describe, expect, it } from 'vitest';
import { RunUnderTest, agent, code } from '../../../test/support/runs/run-under-test.js';
import { ErrandError } from '../../core/errors.js';
import type { NodeSpec } from '../../workflow/define-workflow.js';

const MINUTE = 60_000;

describe('a node that waits for a time', () => {
  it('parks its run, and goes on at its time', async () => {
    const test = new RunUnderTest([
      { id: 'pause', kind: 'wait', for: '10m' },
      code('after', ({ input }) => input, { needs: ['pause'], with: '{{ nodes.pause.output.until }}' }),
    ]);
    const driving = test.drive();
    const until = test.clock.now() + 10 * MINUTE;
    await test.clock.advance(1);
    expect(test.node('pause')).toMatchObject({ status: 'waiting', waitingFor: 'time', waitingUntil: until });
    expect(test.parkedUntil).toBe(until);
    await test.clock.advance(10 * MINUTE);
    expect(await driving).toMatchObject({ status: 'completed', output: new Date(until).toISOString() });
  });

  it('keeps the moment that it had begun to wait for over a restart', async () => {
    const test = new RunUnderTest([{ id: 'pause', kind: 'wait', for: '10m' }]);
    const lost = test.drive();
    await test.clock.advance(4 * MINUTE);
    test.control.leave();
    await lost;
    await test.clock.advance(3 * MINUTE);
    const driving = test.drive();
    await test.clock.advance(3 * MINUTE - 1);
    expect(test.run.status).toBe('running');
    await test.clock.advance(1);
    expect((await driving).status).toBe('completed');
  });

  it('takes no place among the nodes that work', async () => {
    const test = new RunUnderTest([{ id: 'pause', kind: 'wait', for: '1h' }, code('a', () => 1), code('b', () => 2)], {
      concurrency: 1,
    });
    const driving = test.drive();
    await test.clock.advance(1);
    expect(test.statuses()).toEqual(['waiting', 'completed', 'completed']);
    await test.clock.advance(60 * MINUTE);
    await driving;
  });

  it('does not outlast the time-out of its run, nor does a restart prolong that', async () => {
    const test = new RunUnderTest([{ id: 'pause', kind: 'wait', for: '1h' }], { timeout: '10m' });
    const lost = test.drive();
    await test.clock.advance(6 * MINUTE);
    expect(test.parkedUntil).toBe(test.run.createdAt + 10 * MINUTE);
    test.control.leave();
    await lost;
    const driving = test.drive();
    await test.clock.advance(4 * MINUTE);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout', nodeId: null } });
    expect(test.statuses()).toEqual(['cancelled']);
  });

  it('ends a run at once whose time was up while nobody drove it', async () => {
    let calls = 0;
    const test = new RunUnderTest(
      [code('a', () => ((calls += 1) < 2 ? new Promise(() => undefined) : 1)), code('b', () => 2, { needs: ['a'] })],
      { timeout: '10m' },
    );
    const lost = test.drive();
    await test.clock.advance(100);
    test.control.leave();
    await lost;
    test.clock.jumpTo(test.clock.now() + 11 * MINUTE);
    expect(await test.drive()).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
    expect(calls).toBe(1);
  });

  it('is cancelled with its run while that is parked', async () => {
    const test = new RunUnderTest([{ id: 'pause', kind: 'wait', for: '1h' }]);
    const driving = test.drive();
    await test.clock.advance(MINUTE);
    test.control.cancel('enough');
    expect(await driving).toMatchObject({ status: 'cancelled' });
    expect(test.clock.waiting).toBe(0);
  });
});

describe('a run with a node at work, when the clock is not where it was', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it('goes on with waits, retries and time-outs that came due while the machine slept', async () => {
    const again = (): never => {
      throw new Error('again');
    };
    const test = new RunUnderTest([
      code('works', never),
      { id: 'pause', kind: 'wait', for: '10m' },
      code('retried', again, { retry: { attempts: 2, initial: '10m', max: '10m' }, on_error: 'continue' }),
      code('slow', never, { timeout: '10m', on_error: 'continue' }),
    ]);
    const driving = test.drive();
    await test.clock.advance(MINUTE);
    expect(test.statuses()).toEqual(['running', 'waiting', 'waiting', 'running']);
    test.clock.jumpTo(test.clock.now() + 180 * MINUTE);
    await test.clock.advance(1_000);
    expect(test.statuses()).toEqual(['running', 'completed', 'failed', 'failed']);
    expect(test.node('slow')?.error).toMatchObject({ kind: 'timeout' });
    test.control.cancel('seen');
    await driving;
  });

  it('waits for its moment, and for no longer than a time-out, when the clock was set back', async () => {
    const test = new RunUnderTest([
      code('works', never),
      { id: 'pause', kind: 'wait', for: '10m' },
      code('slow', never, { timeout: '10m', on_error: 'continue' }),
    ]);
    const driving = test.drive();
    await test.clock.advance(MINUTE);
    test.clock.jumpTo(test.clock.now() - 60 * MINUTE);
    await test.clock.advance(9 * MINUTE);
    expect(test.statuses()).toEqual(['running', 'waiting', 'failed']);
    await test.clock.advance(60 * MINUTE - 1);
    expect(test.node('pause')?.status).toBe('waiting');
    await test.clock.advance(1);
    expect(test.node('pause')?.status).toBe('completed');
    test.control.cancel('seen');
    await driving;
  });
});

describe('a node that asks', () => {
  const ask = (rest: Partial<NodeSpec> = {}): NodeSpec => ({
    id: 'ask',
    kind: 'ask',
    question: 'May {{ input.who }} go on?',
    answer: { type: 'boolean' },
    ...rest,
  });
  const after = code('after', ({ input }) => input, { needs: ['ask'], with: { said: '{{ nodes.ask.output }}' } });

  it('parks its run until it is answered, and gives the answer', async () => {
    const test = new RunUnderTest([ask(), after], {}, { who: 'Ada' });
    const driving = test.drive();
    await test.clock.advance(MINUTE);
    const question = { message: 'May Ada go on?', schema: { type: 'boolean' } };
    expect(test.node('ask')).toMatchObject({ status: 'waiting', waitingFor: 'answer', waitingUntil: null, question });
    expect([test.parkedUntil, test.clock.waiting]).toEqual([null, 0]);
    await test.answer('ask', true);
    expect(test.log.some((event) => event.kind === 'node.answered')).toBe(true);
    expect(await driving).toMatchObject({ status: 'completed', output: { said: true } });
    expect(test.node('ask')).not.toHaveProperty('question');
  });

  it('takes one answer', async () => {
    const test = new RunUnderTest([ask(), after]);
    const driving = test.drive();
    await test.clock.advance(1);
    const both = await Promise.allSettled([test.answer('ask', true), test.answer('ask', false)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await driving).output).toEqual({ said: true });
  });

  it('keeps an answer that was accepted, whatever happens after', async () => {
    const test = new RunUnderTest([ask(), after]);
    const lost = test.drive();
    await test.clock.advance(1);
    const answered = test.answer('ask', false).then(() => test.control.leave());
    await Promise.all([answered, lost]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: { said: false } });
    expect(test.log.filter((event) => event.kind === 'node.answered')).toHaveLength(1);
  });

  it('refuses answers that nobody waits for', async () => {
    const test = new RunUnderTest([ask(), code('slow', () => new Promise(() => undefined))]);
    const driving = test.drive();
    await test.clock.advance(1);
    await expect(test.answer('slow', 1)).rejects.toThrow('not_waiting');
    await expect(test.answer('nobody', 1)).rejects.toThrow('not_waiting');
    test.control.cancel('seen');
    await driving;
  });

  it('does not take an answer to what it asks no longer', async () => {
    const test = new RunUnderTest([ask()], {}, { who: 'Ada' });
    const driving = test.drive();
    await test.clock.advance(1);
    const question = { message: 'May Bo go on?', schema: { type: 'boolean' } };
    await expect(test.answer('ask', true, question)).rejects.toThrow('asks_another');
    await test.answer('ask', false);
    expect((await driving).output).toBe(false);
  });

  it('records an answer out of its turn, starts nothing, and goes on from it in its turn', async () => {
    const begun: string[] = [];
    const test = new RunUnderTest([ask(), code('after', () => begun.push('after'), { needs: ['ask'] })]);
    const driving = test.drive();
    await test.clock.advance(1);
    test.control.leave();
    await driving;
    const outOfTurn = test.driveOnce({ isOutOfTurn: true });
    const answers = await Promise.allSettled([test.answer('ask', true), test.answer('ask', false)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await outOfTurn).toMatchObject({ kind: 'parked', wakeAt: test.clock.now() });
    expect([test.statuses(), begun]).toEqual([['running', 'pending'], []]);
    expect((await test.drive()).status).toBe('completed');
    expect(begun).toEqual(['after']);
    expect(test.log.filter(({ kind }) => kind === 'node.answered')).toHaveLength(1);
  });

  it('takes the default when nobody has answered in time', async () => {
    const test = new RunUnderTest([ask({ deadline: '1h', default: false }), after]);
    const driving = test.drive();
    await test.clock.advance(60 * MINUTE);
    expect(await driving).toMatchObject({ status: 'completed', output: { said: false } });
    expect(test.log.find((event) => event.kind === 'node.answered')).toMatchObject({ by: 'default', answer: false });
  });

  it('fails as timed out without a default, and may ask again', async () => {
    const test = new RunUnderTest([ask({ deadline: '1h', retry: { attempts: 2, initial: '1m' } })]);
    const driving = test.drive();
    await test.clock.advance(60 * MINUTE);
    expect(test.node('ask')).toMatchObject({ status: 'waiting', waitingFor: 'retry', error: { kind: 'timeout' } });
    await test.clock.advance(2 * MINUTE);
    expect(test.node('ask')).toMatchObject({ waitingFor: 'answer', attempt: 2 });
    await test.clock.advance(60 * MINUTE);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout', nodeId: 'ask' } });
  });
});

describe('a node that runs another workflow', () => {
  const child = (rest: Partial<NodeSpec> = {}): NodeSpec => ({
    id: 'child',
    kind: 'workflow',
    workflow: 'other',
    with: { n: '{{ input.n }}' },
    ...rest,
  });

  it('starts one run, parks its own, and gives what that run gave', async () => {
    const test = new RunUnderTest([child()], {}, { n: 3 });
    const driving = test.drive();
    await test.clock.advance(1);
    expect(test.children.started).toMatchObject([
      { workflowId: 'other', version: null, input: { n: 3 }, instruction: 'be kind', organizationId: 'o' },
    ]);
    expect(test.children.started[0]?.parent).toEqual({ runId: test.run.id, nodeId: 'child', depth: 1 });
    expect(test.node('child')).toMatchObject({ status: 'waiting', waitingFor: 'run', childRunId: 'child-1' });
    expect(test.parkedUntil).toBeNull();
    test.children.change('child-1', { status: 'completed', output: { got: 4 } });
    test.control.haveLook();
    expect(await driving).toMatchObject({ status: 'completed', output: { got: 4 } });
  });

  it('shows how far that run is, and what it found', async () => {
    const test = new RunUnderTest([child({ role: 'r', label: 'R' })]);
    const driving = test.drive();
    await test.clock.advance(1);
    const [inner] = test.children.runs.get('child-1')?.nodes ?? [];
    if (inner === undefined) throw new Error('no child');
    test.children.change('child-1', { nodes: [{ ...inner, status: 'running', progress: 40 }] });
    test.control.haveLook();
    await test.clock.advance(100);
    expect(test.node('child')?.progress).toBe(40);
    test.children.change('child-1', { status: 'completed', output: 1, summary: 'Two things.' });
    test.control.haveLook();
    await driving;
    expect(test.node('child')).toMatchObject({ status: 'completed', findings: 'Two things.' });
  });

  it('fails by that run’s error, with another run for each attempt', async () => {
    const test = new RunUnderTest([child({ retry: { attempts: 2, initial: 0 } })]);
    const driving = test.drive();
    for (const id of ['child-1', 'child-2']) {
      await test.clock.advance(1);
      test.children.change(id, { status: 'failed', error: { kind: 'http_5xx', message: `no ${id}`, nodeId: 'x' } });
      test.control.haveLook();
    }
    const run = await driving;
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'http_5xx', nodeId: 'child' } });
    expect(run.error?.message).toBe('other (run_child-2) failed: no child-2');
    expect(test.children.started).toHaveLength(2);
  });

  it('starts no second run when it is taken up after a crash, and sees an end that it had missed', async () => {
    const test = new RunUnderTest([child()]);
    const lost = test.drive();
    await test.clock.advance(1);
    test.control.leave();
    await lost;
    test.children.change('child-1', { status: 'completed', output: 'late' });
    expect(await test.drive()).toMatchObject({ status: 'completed', output: 'late' });
    expect(test.children.started).toHaveLength(1);
  });

  it('finds its run again when the crash came before it was noted down', async () => {
    const test = new RunUnderTest([child()]);
    const start = test.children.start.bind(test.children);
    test.children.start = async (params) => {
      const run = await start(params);
      test.children.start = start;
      test.control.leave();
      return run;
    };
    await test.drive();
    expect(test.node('child')?.childRunId).toBeUndefined();
    const driving = test.drive();
    await test.clock.advance(1);
    test.children.change('child-1', { status: 'completed', output: 1 });
    test.control.haveLook();
    expect((await driving).status).toBe('completed');
    expect(test.children.started).toHaveLength(1);
  });

  it('is tried again when its earlier run has ended, and takes what that one has come to meanwhile', async () => {
    const settings = { timeout: '5m', retry: { attempts: 2, initial: 0 } };
    const test = new RunUnderTest([child(settings)]);
    test.children.cancel = async () => undefined;
    const driving = test.drive();
    await test.clock.advance(6 * MINUTE);
    expect(test.node('child')).toMatchObject({ status: 'running', attempt: 2 });
    expect(test.children.started).toHaveLength(1);
    test.children.change('child-1', { status: 'cancelled' });
    await test.clock.advance(MINUTE);
    expect(test.children.started).toHaveLength(2);
    test.children.change('child-2', { status: 'completed', output: 2 });
    test.control.haveLook();
    expect(await driving).toMatchObject({ status: 'completed', output: 2 });

    const quick = new RunUnderTest([child(settings)]);
    quick.children.cancel = async ({ runId }) => quick.children.change(runId, { status: 'completed', output: 1 });
    const timing = quick.drive();
    await quick.clock.advance(6 * MINUTE);
    expect(await timing).toMatchObject({ status: 'completed', output: 1 });
    expect(quick.children.started).toHaveLength(1);
  });

  it('takes its run with it when it is cancelled, fails or takes too long', async () => {
    const cancelled = new RunUnderTest([child()]);
    const driving = cancelled.drive();
    await cancelled.clock.advance(1);
    cancelled.control.cancel('enough');
    await driving;
    const failed = new RunUnderTest([
      child(),
      agent('bad', () => Promise.reject(new Error('boom')), { needs: ['pause'], on_error: 'fail' }),
      { id: 'pause', kind: 'wait', for: '1m' },
    ]);
    const failing = failed.drive();
    await failed.clock.advance(MINUTE);
    await failing;
    const late = new RunUnderTest([child({ timeout: '5m' })]);
    const timing = late.drive();
    await late.clock.advance(5 * MINUTE);
    expect(await timing).toMatchObject({ status: 'failed', error: { kind: 'timeout', nodeId: 'child' } });
    expect([cancelled, failed, late].flatMap((test) => test.children.cancelled)).toEqual([
      'child-1',
      'child-1',
      'child-1',
    ]);
  });

  it('fails by what refused the run; waits when it was the store', async () => {
    const refused = new RunUnderTest([child()]);
    refused.children.refusal = new ErrandError('insufficient_credits', 'too dear');
    expect(await refused.drive()).toMatchObject({ status: 'failed', error: { kind: 'insufficient_credits' } });
    const test = new RunUnderTest([child()]);
    test.children.refusal = new ErrandError('unavailable', 'disk full');
    const driving = test.drive();
    await test.clock.advance(1_000);
    expect(test.children.started).toHaveLength(1);
    test.control.cancel('seen');
    await driving;
  });

  it('goes only so deep', async () => {
    const test = new RunUnderTest([child()]);
    test.run = { ...test.run, parent: { runId: 'p', nodeId: 'n', depth: 10 } };
    expect(await test.drive()).toMatchObject({ status: 'failed', error: { kind: 'too_deep' } });
  });
});
