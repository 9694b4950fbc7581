import { describe, expect, it } from 'vitest';
import { RunUnderTest, code } from '../../../test/support/runs/run-under-test.js';
import { applyEvent } from '../../core/run/apply-event.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { RunMailbox } from '../ports/run-mailbox.js';
import type { NodeSpec } from '../../workflow/define-workflow.js';

const MINUTE = 60_000;

const group = (id: string, nodes: readonly NodeSpec[], rest: Partial<NodeSpec> = {}): NodeSpec => ({
  id,
  kind: 'group',
  nodes,
  ...rest,
});
const each = (over: Json, nodes: readonly NodeSpec[], rest: Partial<NodeSpec> = {}): NodeSpec => ({
  id: 'each',
  kind: 'map',
  over,
  do: { kind: 'group', nodes },
  ...rest,
});

describe('a group', () => {
  it('runs its nodes by what they need, and gives its result', async () => {
    const test = new RunUnderTest([
      code('first', () => 2),
      group(
        'sums',
        [
          { id: 'twice', kind: 'transform', with: '{{ nodes.first.output * 2 }}' },
          code('more', ({ input }) => Number(input) + 1, { needs: ['twice'], with: '{{ nodes.twice.output }}' }),
        ],
        { needs: ['first'], result: { twice: '{{ nodes.twice.output }}', more: '{{ nodes.more.output }}' } },
      ),
    ]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: { twice: 4, more: 5 } });
    expect(test.kinds()).toEqual([
      'run.started',
      'node.started first',
      'node.completed first',
      'node.started sums',
      'node.started sums.twice',
      'node.completed sums.twice',
      'node.progress sums',
      'node.started sums.more',
      'node.completed sums.more',
      'node.progress sums',
      'node.completed sums',
      'run.completed',
    ]);
    expect(test.node('sums')?.inner?.map(({ id, kind, status }) => [id, kind, status])).toEqual([
      ['sums.twice', 'transform', 'completed'],
      ['sums.more', 'code', 'completed'],
    ]);
  });

  it('gives the output of its last node when it has no result', async () => {
    const test = new RunUnderTest([group('g', [code('a', () => 1), code('b', () => 2)])]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: 2 });
  });

  it('skips, fails and falls back inside as a workflow does', async () => {
    const fail = (): never => {
      throw new NodeFailure('no', { kind: 'odd' });
    };
    const test = new RunUnderTest([
      group(
        'g',
        [
          code('off', () => 1, { when: 'false' }),
          code('after', () => 2, { needs: ['off'] }),
          code('bad', fail, { on_error: 'continue' }),
          code('spare', fail, { on_error: { use: '{{ error.kind }}' } }),
          { id: 'told', kind: 'transform', needs: ['bad'], with: '{{ nodes.bad.error.kind }}' },
        ],
        { result: { spare: '{{ nodes.spare.output }}', told: '{{ nodes.told.output }}' } },
      ),
    ]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: { spare: 'odd', told: 'odd' } });
    expect(test.node('g')?.inner?.map(({ id, status }) => [id, status])).toEqual(
      expect.arrayContaining([
        ['g.off', 'skipped'],
        ['g.after', 'skipped'],
        ['g.bad', 'failed'],
      ]),
    );
  });

  it('fails with the first failure that is not allowed, and ends what still works', async () => {
    let aborted = false;
    const test = new RunUnderTest([
      group('g', [
        code(
          'slow',
          ({ signal }) =>
            new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                aborted = true;
                reject(new Error('aborted'));
              });
            }),
        ),
        code('bad', () => {
          throw new NodeFailure('no', { kind: 'odd' });
        }),
      ]),
    ]);
    expect(await test.drive()).toMatchObject({
      status: 'failed',
      error: { kind: 'odd', message: 'bad: no', nodeId: 'g' },
    });
    expect(aborted).toBe(true);
    expect(test.node('g.slow')?.status).toBe('cancelled');
  });

  it('goes on from the node that failed when it is tried again', async () => {
    const calls: string[] = [];
    const test = new RunUnderTest([
      group(
        'g',
        [
          code('a', () => calls.push('a')),
          code(
            'b',
            () => {
              calls.push('b');
              if (calls.length < 4) throw new Error('not yet');
              return 1;
            },
            { needs: ['a'] },
          ),
        ],
        { retry: { attempts: 3, initial: 10, backoff: 'fixed' } },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    expect(await driving).toMatchObject({ status: 'completed', output: 1 });
    expect(calls).toEqual(['a', 'b', 'b', 'b']);
  });

  it('runs no node again that had ended when the process died', async () => {
    const calls: string[] = [];
    const test = new RunUnderTest([
      group('g', [code('a', () => calls.push('a')), code('b', () => calls.push('b'), { needs: ['a'] })]),
    ]);
    test.commitFates = ['kept', 'kept', 'kept, then crash'];
    for (let drives = 0; test.run.status !== 'completed' && drives < 4; drives += 1) {
      const driving = test.drive();
      await test.clock.advance(50);
      await driving;
    }
    expect(test.run.status).toBe('completed');
    expect(calls).toEqual(['a', 'b']);
  });

  it('ends with its time-out, however often its run was parked meanwhile', async () => {
    const test = new RunUnderTest([group('g', [{ id: 'nap', kind: 'wait', for: '1h' }], { timeout: '10m' })]);
    const lost = test.drive();
    await test.clock.advance(6 * MINUTE);
    expect(test.parkedUntil).toBe(test.run.createdAt + 10 * MINUTE);
    expect(test.node('g')).toMatchObject({ status: 'waiting', waitingFor: 'nodes' });
    test.control.leave();
    await lost;
    const driving = test.drive();
    await test.clock.advance(4 * MINUTE);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout', nodeId: 'g' } });
    expect(test.node('g.nap')?.status).toBe('cancelled');
  });

  it('works on as many nodes at a time as it may', async () => {
    let working = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      working += 1;
      most = Math.max(most, working);
      await Promise.resolve();
      working -= 1;
    };
    const nodes = Array.from({ length: 8 }, (_, index) => code(`n${index}`, work));
    const test = new RunUnderTest([group('g', nodes, { concurrency: 3 })]);
    expect((await test.drive()).status).toBe('completed');
    expect(most).toBe(3);
  });
});

describe('a map of groups', () => {
  it('gives each item its own nodes, under paths of their own', async () => {
    const test = new RunUnderTest([
      each(
        [1, 2],
        [
          code('fetch', ({ input }) => Number(input) * 10, { with: '{{ item }}' }),
          { id: 'tell', kind: 'transform', needs: ['fetch'], with: '{{ index }}: {{ nodes.fetch.output }}' },
        ],
      ),
    ]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: ['0: 10', '1: 20'] });
    expect(test.outputOf('each[1].fetch')).toBe(20);
    expect(test.node('each')).toMatchObject({ items: { total: 2, done: 2, failed: 0 }, inner: [] });
  });

  it('waits inside, and parks its run meanwhile', async () => {
    const test = new RunUnderTest([
      each(
        ['10m', '30m'],
        [{ id: 'nap', kind: 'wait', for: '{{ item }}' }, code('after', () => 'up', { needs: ['nap'] })],
      ),
    ]);
    const start = test.clock.now();
    const driving = test.drive();
    await test.clock.advance(1);
    expect(test.parkedUntil).toBe(start + 10 * MINUTE);
    expect(test.node('each')).toMatchObject({
      status: 'waiting',
      waitingFor: 'nodes',
      waitingUntil: start + 10 * MINUTE,
    });
    await test.clock.advance(10 * MINUTE);
    await test.clock.advance(100);
    expect(test.node('each')).toMatchObject({ status: 'waiting', items: { total: 2, done: 1, failed: 0 } });
    await test.clock.advance(20 * MINUTE);
    expect(await driving).toMatchObject({ status: 'completed', output: ['up', 'up'] });
  });

  it('asks for each item, and takes the answers in whatever order', async () => {
    const test = new RunUnderTest([
      each(
        ['tea', 'cake'],
        [
          { id: 'ask', kind: 'ask', question: 'More {{ item }}?', answer: { type: 'boolean' } },
          { id: 'told', kind: 'transform', needs: ['ask'], with: '{{ item }}: {{ nodes.ask.output }}' },
        ],
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    expect(test.parkedUntil).toBe(null);
    expect(test.node('each[1].ask')).toMatchObject({ waitingFor: 'answer', question: { message: 'More cake?' } });
    await test.answer('each[1].ask', true);
    await test.clock.advance(1);
    await expect(test.answer('each[1].ask', true)).rejects.toThrow('not_waiting');
    await test.answer('each[0].ask', false);
    await test.clock.advance(1);
    expect(await driving).toMatchObject({ status: 'completed', output: ['tea: false', 'cake: true'] });
  });

  it('takes an answer that comes out of its turn, and goes on with it in its turn', async () => {
    const test = new RunUnderTest([each([1], [{ id: 'ask', kind: 'ask', question: 'Well?', answer: {} }])]);
    const lost = test.drive();
    await test.clock.advance(1);
    test.control.leave();
    await lost;
    test.control = new RunMailbox();
    const answered = test.answer('each[0].ask', 'yes');
    expect((await test.driveOnce({ isOutOfTurn: true })).kind).toBe('parked');
    await answered;
    expect(test.node('each[0].ask')?.status).toBe('running');
    expect(await test.drive()).toMatchObject({ status: 'completed', output: ['yes'] });
  });

  it('runs other workflows inside, and takes in what they come to', async () => {
    const test = new RunUnderTest([
      each(['a', 'b'], [{ id: 'sub', kind: 'workflow', workflow: 'other', with: '{{ item }}' }]),
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    expect(test.children.started.map(({ parent, input }) => [parent.nodeId, input])).toEqual([
      ['each[0].sub', 'a'],
      ['each[1].sub', 'b'],
    ]);
    test.children.change('child-2', { status: 'completed', output: 'B' });
    test.control.haveLook();
    await test.clock.advance(1);
    test.children.change('child-1', { status: 'completed', output: 'A' });
    test.control.haveLook();
    await test.clock.advance(1);
    expect(await driving).toMatchObject({ status: 'completed', output: ['A', 'B'] });
  });

  it('cancels the runs that its items have started when it is cancelled', async () => {
    const test = new RunUnderTest([each([1, 2], [{ id: 'sub', kind: 'workflow', workflow: 'other' }])]);
    const driving = test.drive();
    await test.clock.advance(1);
    test.control.cancel('enough');
    expect((await driving).status).toBe('cancelled');
    expect(test.children.cancelled).toEqual(['child-1', 'child-2']);
    expect(test.node('each[0].sub')?.status).toBe('cancelled');
  });

  it('goes on in the items that were cut short when its run is retried', async () => {
    const calls: number[] = [];
    const test = new RunUnderTest([
      each(
        [0, 1],
        [
          code('a', ({ input }) => calls.push(Number(input)), { with: '{{ item }}' }),
          { id: 'sub', kind: 'workflow', needs: ['a'], workflow: 'other' },
        ],
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    test.control.cancel('enough');
    await driving;
    const retried: RunEvent = {
      kind: 'run.retried',
      resumed: ['each'],
      reset: [],
      seq: test.run.version + 1,
      at: test.clock.now(),
    };
    test.log.push(retried);
    test.run = applyEvent(test.run, retried);
    test.control = new RunMailbox();
    const again = test.drive();
    await test.clock.advance(1);
    expect(test.children.started.map(({ key }) => key)).toEqual([
      'each[0].sub:1',
      'each[1].sub:1',
      'each[0].sub:1:1',
      'each[1].sub:1:1',
    ]);
    for (const id of ['child-3', 'child-4']) test.children.change(id, { status: 'completed', output: id });
    test.control.haveLook();
    await test.clock.advance(1);
    expect(await again).toMatchObject({ status: 'completed', output: ['child-3', 'child-4'] });
    expect(calls).toEqual([0, 1]);
  });

  it('asks, waits and starts runs without a group as well', async () => {
    const test = new RunUnderTest([
      { id: 'each', kind: 'map', over: [1, 2], do: { kind: 'ask', question: 'Number {{ item }}?', answer: {} } },
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    await test.answer('each[0]', 'one');
    await test.answer('each[1]', 'two');
    await test.clock.advance(1);
    expect(await driving).toMatchObject({ status: 'completed', output: ['one', 'two'] });
  });

  it('does not wait for others when one item fails, and goes on from there when it is tried again', async () => {
    const calls: string[] = [];
    const test = new RunUnderTest([
      each(
        [0, 1],
        [
          code('a', ({ input }) => calls.push(`a${Number(input)}`), { with: '{{ item }}' }),
          {
            id: 'ask',
            kind: 'ask',
            needs: ['a'],
            when: 'item = 0',
            question: 'Well?',
            answer: {},
          },
          code(
            'b',
            ({ input }) => {
              calls.push(`b${Number(input)}`);
              if (calls.filter((call) => call === 'b1').length === 1) throw new Error('no');
              return 'fine';
            },
            { needs: ['a'], when: 'item = 1', with: '{{ item }}' },
          ),
        ],
        { retry: { attempts: 2, initial: 10 } },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(20);
    await test.answer('each[0].ask', 'yes');
    await test.clock.advance(20);
    expect(await driving).toMatchObject({ status: 'completed', output: [null, 'fine'] });
    expect(calls).toEqual(['a0', 'a1', 'b1', 'b1']);
  });

  it('holds maps in turn', async () => {
    const test = new RunUnderTest([
      each(
        [
          [1, 2],
          [3, 4],
        ],
        [{ id: 'inside', kind: 'map', over: '{{ item }}', do: { kind: 'transform', with: '{{ item * 2 }}' } }],
      ),
    ]);
    expect(await test.drive()).toMatchObject({
      status: 'completed',
      output: [
        [2, 4],
        [6, 8],
      ],
    });
  });
});
