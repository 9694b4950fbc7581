import { describe, expect, it } from 'vitest';
import { RunUnderTest, agent, code } from '../../../test/support/runs/run-under-test.js';
import { applyEvent } from '../../core/run/apply-event.js';
import { NodeFailure, type Handler } from '../../core/handlers/node-kind.js';
import { settle } from '../../testing/manual-clock.js';

describe('driveRun', () => {
  it('runs nodes in the order of their needs and hands outputs on', async () => {
    const test = new RunUnderTest(
      [
        code('a', ({ input }) => input, { with: { n: '{{ input.n + 1 }}' } }),
        code('b', ({ input }) => input, { needs: ['a'], with: { n: '{{ nodes.a.output.n * 10 }}' } }),
      ],
      { result: { total: '{{ nodes.b.output.n }}' } },
      { n: 4 },
    );
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'completed', output: { total: 50 }, creditsConsumed: 12 });
    expect(test.kinds().filter((kind) => kind.startsWith('node'))).toEqual([
      'node.started a',
      'node.completed a',
      'node.started b',
      'node.completed b',
    ]);
  });

  it('starts each node once, though others end while its condition and its input are being evaluated', async () => {
    const slow = '{{ $reduce([1..50], function($sum, $n) { $sum + $n }) }}';
    const started: string[] = [];
    const note: Handler = ({ node }) => started.push(node.id);
    const test = new RunUnderTest([
      code('quick', note),
      code('plain', note, { with: { n: '{{ input.n }}' } }),
      code('when', note, { when: `${slow.slice(2, -2)} = 1275` }),
      code('with', note, { with: { n: slow } }),
      code('skipped', note, { when: `${slow.slice(2, -2)} = 0` }),
    ]);
    const run = await test.drive();
    expect(started.toSorted()).toEqual(['plain', 'quick', 'when', 'with']);
    expect(run.nodes.map((node) => node.status)).toEqual([
      'completed',
      'completed',
      'completed',
      'completed',
      'skipped',
    ]);
  });

  it('starts no node before the outcome that it depends on is committed', async () => {
    const test = new RunUnderTest([
      code('a', () => 1),
      code('b', () => test.log.some((event) => event.kind === 'node.completed'), { needs: ['a'] }),
    ]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: true });
  });

  it('runs independent nodes side by side, up to the workflow’s limit', async () => {
    let running = 0;
    let most = 0;
    const work: Handler = async () => {
      running += 1;
      most = Math.max(most, running);
      await settle();
      running -= 1;
    };
    const test = new RunUnderTest(
      [1, 2, 3, 4, 5].map((n) => code(`n${n}`, work)),
      { concurrency: 3 },
    );
    expect((await test.drive()).status).toBe('completed');
    expect(most).toBe(3);
  });

  it('keeps a record that is the fold of its log', async () => {
    const test = new RunUnderTest([
      agent('a', ({ progress, findings }) => {
        progress(30, 'a third');
        findings('one thing');
        return 1;
      }),
      agent('b', () => Promise.reject(new Error('no luck'))),
    ]);
    const before = structuredClone(test.run);
    await test.drive();
    expect(test.log.reduce(applyEvent, before)).toEqual(test.run);
    expect(test.log.map((event) => event.seq)).toEqual(test.log.map((_, index) => index + 2));
  });

  it('fails with the error of the node that may not fail, and skips and cancels the others', async () => {
    const test = new RunUnderTest([
      code('bad', () => Promise.reject(new Error('boom'))),
      code('long', ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))),
      code('later', () => 1, { needs: ['bad'] }),
    ]);
    const run = await test.drive();
    expect(run).toMatchObject({
      status: 'failed',
      error: { kind: 'error', message: 'boom', nodeId: 'bad' },
      creditsConsumed: 0,
    });
    expect([test.node('bad')?.status, test.node('long')?.status, test.node('later')?.status]).toEqual([
      'failed',
      'cancelled',
      'skipped',
    ]);
  });

  it('is partly complete when some agents failed that were allowed to, and charges the others’ share', async () => {
    const test = new RunUnderTest(
      [agent('a', () => 1), agent('b', () => Promise.reject(new Error('no luck'))), agent('c', () => 3)],
      { result: '{{ [nodes.a.output, nodes.c.output] }}', output: { type: 'array' } },
    );
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'partial_complete', output: [1, 3], creditsConsumed: 8, outputError: null });
    expect(run.summary).toBe('A completed.\nB failed: no luck\nC completed.');
  });

  it('says why a partly complete run has no output that fits', async () => {
    const test = new RunUnderTest([agent('a', () => 1), agent('b', () => Promise.reject(new Error('no luck')))], {
      result: { b: '{{ nodes.b.output }}' },
      output: { type: 'object', properties: { b: { type: 'number' } } },
    });
    const run = await test.drive();
    expect(run.status).toBe('partial_complete');
    expect(run.outputError).toMatch(/\/b .*number/);
    expect('output' in run).toBe(false);
  });

  it('fails when no agent succeeded', async () => {
    const test = new RunUnderTest([agent('a', () => Promise.reject(new Error('no luck')))]);
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'failed', error: { nodeId: 'a' }, creditsConsumed: 0 });
    expect(run.error?.message).toMatch(/no luck/);
  });

  it('fails when the result does not fit the output schema', async () => {
    const test = new RunUnderTest([code('a', () => 'text')], { output: { type: 'number' } });
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'invalid_output', nodeId: null } });
  });

  it('skips a node whose condition does not hold, and what needs it, and goes on', async () => {
    const test = new RunUnderTest(
      [
        code('a', () => 1, { when: '{{ input.wanted }}' }),
        code('b', () => 2, { needs: ['a'] }),
        code('c', () => 3, { needs: ['b'] }),
        code('d', () => 4),
      ],
      {},
      { wanted: false },
    );
    expect((await test.drive()).status).toBe('completed');
    expect(test.statuses()).toEqual(['skipped', 'skipped', 'skipped', 'completed']);
    expect(test.log.find((event) => event.kind === 'node.skipped' && event.nodeId === 'c')).toMatchObject({
      reason: 'b was skipped',
    });
  });

  it('runs a node that joins any of its needs unless all of them were skipped', async () => {
    const never = { when: 'false' };
    const test = new RunUnderTest([
      code('a', () => 1),
      code('b', () => 2, never),
      code('c', () => 3, never),
      code('all', () => 4, { needs: ['a', 'b'], join: 'all' }),
      code('any', ({ input }) => input, { needs: ['a', 'b'], join: 'any', with: '{{ nodes.b.status }}' }),
      code('none', () => 6, { needs: ['b', 'c'], join: 'any' }),
    ]);
    await test.drive();
    expect(test.statuses()).toEqual(['completed', 'skipped', 'skipped', 'skipped', 'completed', 'skipped']);
    expect(test.outputOf('any')).toBe('skipped');
  });

  it('starts what needs a node that failed and was allowed to', async () => {
    const test = new RunUnderTest([
      code('a', () => Promise.reject(new Error('no')), { on_error: 'continue' }),
      code('b', ({ input }) => input, { needs: ['a'], with: '{{ nodes.a.error.message }}' }),
    ]);
    expect(await test.drive()).toMatchObject({ status: 'completed', output: 'no' });
  });

  it('goes on with a fallback in the place of what failed, and tells it apart', async () => {
    const test = new RunUnderTest([
      agent('a', () => Promise.reject(new NodeFailure('no luck', { kind: 'network' })), {
        on_error: { use: { price: 0, why: '{{ error.kind }}' } },
      }),
      code('b', ({ input }) => input, { needs: ['a'], with: { got: '{{ nodes.a.output }}' } }),
    ]);
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'completed', output: { got: { price: 0, why: 'network' } } });
    expect(run.creditsConsumed).toBe(12);
    expect(run.summary).toMatch(/A failed and its fallback was used: no luck/);
    expect(test.node('a')).toMatchObject({ status: 'completed', error: { kind: 'network', message: 'no luck' } });
  });

  it('tries again before it takes a fallback', async () => {
    let tries = 0;
    const test = new RunUnderTest([
      code('a', () => Promise.reject(new Error(`try ${(tries += 1)}`)), {
        retry: { attempts: 3, initial: 0 },
        on_error: { use: '{{ error.message }}' },
      }),
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    expect((await driving).output).toBe('try 3');
  });

  it('fails with both reasons when the fallback fails too', async () => {
    const test = new RunUnderTest([
      code('a', () => Promise.reject(new Error('boom')), { on_error: { use: '{{ $number("x") }}' } }),
    ]);
    const run = await test.drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'error', nodeId: 'a' } });
    expect(run.error?.message).toMatch(/^boom \(and its fallback failed: .*number/);
  });

  it('tries again only the kinds of failures that the policy names', async () => {
    let tries = 0;
    const test = new RunUnderTest([
      code('a', () => Promise.reject(new NodeFailure('no', { kind: (tries += 1) < 2 ? 'network' : 'odd' })), {
        retry: { attempts: 5, initial: 0, on: ['network'] },
      }),
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'odd' } });
    expect(tries).toBe(2);
  });

  it('takes conditions as JSONata does: a list of something holds, a list of nothings does not', async () => {
    const test = new RunUnderTest(
      [code('a', () => 1, { when: 'input.pages' }), code('b', () => 2, { when: 'input.nothings' })],
      {},
      { pages: ['/'], nothings: [0, ''] },
    );
    await test.drive();
    expect([test.node('a')?.status, test.node('b')?.status]).toEqual(['completed', 'skipped']);
  });

  it('tries again after the wait that the policy asks for, under one idempotency key', async () => {
    const keys: string[] = [];
    const test = new RunUnderTest([
      code(
        'a',
        ({ attempt, idempotencyKey }) => {
          keys.push(idempotencyKey);
          if (attempt < 3) throw new Error(`try ${attempt}`);
          return attempt;
        },
        { retry: { attempts: 3, initial: '10s' } },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(1);
    expect(test.node('a')).toMatchObject({ status: 'waiting', attempt: 1, error: { message: 'try 1' } });
    await test.clock.advance(10_000);
    await test.clock.advance(20_000);
    expect(await driving).toMatchObject({ status: 'completed', output: 3 });
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
  });

  it('fails a node that takes longer than its time-out, and aborts its work', async () => {
    let aborted = false;
    const test = new RunUnderTest([
      code(
        'a',
        ({ signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => (aborted = true));
          }),
        { timeout: '5s' },
      ),
    ]);
    const driving = test.drive();
    await test.clock.advance(5_000);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout', nodeId: 'a' } });
    expect(aborted).toBe(true);
  });

  it('fails a run that takes longer than its time-out', async () => {
    const test = new RunUnderTest([code('a', () => new Promise(() => undefined))], { timeout: '1m' });
    const driving = test.drive();
    await test.clock.advance(60_000);
    expect(await driving).toMatchObject({ status: 'failed', error: { kind: 'timeout', nodeId: null } });
    expect(test.node('a')?.status).toBe('cancelled');
  });

  it('cancels at once, whatever its nodes do', async () => {
    const test = new RunUnderTest([
      code('a', () => new Promise(() => undefined)),
      code('b', () => 1, { needs: ['a'] }),
    ]);
    const driving = test.drive();
    await test.clock.advance(100);
    test.control.cancel('enough');
    const run = await driving;
    expect(run).toMatchObject({ status: 'cancelled', creditsConsumed: 0 });
    expect(run.nodes.map((node) => node.status)).toEqual(['cancelled', 'cancelled']);
    expect(test.run.status).toBe('cancelled');
  });

  it('refuses outputs that are not JSON with a clear error', async () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const run = await new RunUnderTest([code('a', () => cyclic)]).drive();
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'invalid_output', nodeId: 'a' } });
  });

  it('ignores what a node reports and returns after the run has ended', async () => {
    let late = (): void => undefined;
    const test = new RunUnderTest([
      agent('a', ({ progress }) => new Promise((resolve) => (late = () => resolve(progress(99, 'too late'))))),
      code('bad', () => Promise.reject(new Error('boom'))),
    ]);
    await test.drive();
    const kept = structuredClone(test.run);
    late();
    await test.clock.advance(1_000);
    expect(test.run).toEqual(kept);
  });

  it('hands the caller’s instruction, the run and the organization to handlers', async () => {
    const test = new RunUnderTest([
      code('a', ({ instruction, run, organization, node }) => ({
        instruction,
        run: run.id,
        organization: organization.name,
        node: node.id,
      })),
    ]);
    expect((await test.drive()).output).toEqual({
      instruction: 'be kind',
      run: test.run.id,
      organization: 'Org',
      node: 'a',
    });
  });
});
