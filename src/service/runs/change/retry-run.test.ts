import { describe, expect, it } from 'vitest';
import { nodeKinds } from '../../../nodes/registry.js';
import { defineWorkflow, type NodeSpec } from '../../../workflow/define-workflow.js';
import { describeSource } from '../../../app/assembly/workflow-set.js';
import { sumLedger } from '../../../testing/sum-ledger.js';

setUp();
import {
  calls,
  failing,
  assembly,
  caller,
  folder,
  open,
  code,
  agent,
  take,
  start,
  ended,
  retry,
  ledger,
  statuses,
  setUp,
} from '../../../../test/support/runs/second-chances-under-test.js';

describe('retrying a run', () => {
  it('that failed runs again only what failed and what depends on it, in the same run, and settles its credits anew', async () => {
    await take([code('a'), code('b', ['a']), code('c', ['b']), code('d', ['a'])], {
      result: { all: '{{ [nodes.a.output, nodes.b.output, nodes.c.output, nodes.d.output] }}' },
      concurrency: 1,
    });
    failing.add('b');
    await assembly.start();
    const failed = await ended(await start());
    expect(statuses(failed)).toBe('a completed, b failed, c skipped, d skipped');
    expect(await ledger()).toEqual(['25 0', '-25 0']);

    failing.clear();
    const retried = await retry(failed);
    expect(retried).toMatchObject({ id: failed.id, status: 'pending', error: null, completedAt: null });
    expect(await assembly.services.getCredits(caller)).toMatchObject({ reserved: 25, available: 75 });
    expect(await ended(failed)).toMatchObject({
      status: 'completed',
      output: { all: ['a 1', 'b 2', 'c 1', 'd 1'] },
      creditsConsumed: 25,
      retries: { count: 1, creditsConsumed: 0 },
    });
    expect(await ledger()).toEqual(['25 0', '-25 0', '25 0', '-25 25']);
    expect(Object.fromEntries(calls)).toEqual({ a: 1, b: 2, c: 1, d: 1 });
  });

  it('that completed in part reserves only what it has not cost yet', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await take([...ids.map((id) => agent(id)), code('report', ids)]);
    failing.add('e');
    await assembly.start();
    const partial = await ended(await start());
    expect(partial).toMatchObject({ status: 'partial_complete', creditsConsumed: 20, output: 'report 1' });

    const again = await retry(partial);
    expect(again).toMatchObject({ status: 'pending', creditsReserved: 25, creditsConsumed: 20, summary: null });
    expect(again.output).toBeUndefined();
    expect(await assembly.services.getCredits(caller)).toMatchObject({ reserved: 5, usedThisMonth: 20 });
    expect(await ended(partial)).toMatchObject({ status: 'partial_complete', creditsConsumed: 20, output: 'report 2' });
    expect(await ledger()).toEqual(['25 0', '-25 20', '5 0', '-5 0']);

    failing.clear();
    await retry(partial);
    expect(await ended(partial)).toMatchObject({ status: 'completed', creditsConsumed: 25, output: 'report 3' });
    expect(await ledger()).toEqual(['25 0', '-25 20', '5 0', '-5 0', '5 0', '-5 5']);
    expect(Object.fromEntries(calls)).toEqual({ a: 1, b: 1, c: 1, d: 1, e: 3, report: 3 });
    expect(await sumLedger(assembly.store, caller)).toMatchObject({ reserved: 0, usedByMonth: { [thisMonth()]: 25 } });
  });

  it('that was charged for its completed agents reserves the rest, and never charges for them twice', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await take([...ids.map((id) => agent(id)), code('report', ids)], { charge: 'completed_agents' });
    failing.add('e').add('report');
    await assembly.start();
    const failed = await ended(await start());
    expect(failed).toMatchObject({ status: 'failed', creditsConsumed: 20 });
    expect(await retry(failed)).toMatchObject({ creditsConsumed: 20 });
    expect(await assembly.services.getCredits(caller)).toMatchObject({ reserved: 5, usedThisMonth: 20 });
    expect(await ended(failed)).toMatchObject({ status: 'failed', creditsConsumed: 20 });
    failing.delete('e');
    await retry(failed);
    expect(await ended(failed)).toMatchObject({ status: 'failed', creditsConsumed: 25 });
    failing.clear();
    await retry(failed);
    expect(await ended(failed)).toMatchObject({ status: 'completed', creditsConsumed: 25 });
    expect(await ledger()).toEqual(['25 0', '-25 20', '5 0', '-5 0', '5 0', '-5 5']);
    expect(await sumLedger(assembly.store, caller)).toMatchObject({ reserved: 0, usedByMonth: { [thisMonth()]: 25 } });
  });

  it('that was cancelled goes on where it was', async () => {
    await take([code('a'), code('b', ['a'])]);
    failing.add('b hangs');
    await assembly.start();
    const { id } = await start();
    while (calls.get('b') === undefined) await new Promise((resolve) => setImmediate(resolve));
    const cancelled = await assembly.services.cancelRun(caller, { runId: id });
    failing.clear();
    await retry(cancelled);
    expect(await ended(cancelled)).toMatchObject({ status: 'completed', output: 'b 2' });
    expect(Object.fromEntries(calls)).toEqual({ a: 1, b: 2 });
  });

  it('keeps the items of a map that were done', async () => {
    const done: number[] = [];
    let down = true;
    await take([
      {
        id: 'each',
        kind: 'map',
        over: '{{ [1..20] }}',
        on_item_error: 'continue',
        do: {
          kind: 'code',
          with: '{{ item }}',
          run: ({ input }) => {
            const item = input as unknown as number;
            done.push(item);
            if (down && item % 5 === 0) throw new Error('down');
            return item;
          },
        },
      },
      code('after', ['each'], {
        run: () => {
          if (down) throw new Error('down');
          return 'ok';
        },
      }),
    ]);
    await assembly.start();
    const failed = await ended(await start());
    expect(failed.status).toBe('failed');
    done.length = 0;
    down = false;
    // The map itself has completed, with nulls in it: that is what it was allowed to.
    await retry(failed);
    expect((await ended(failed)).status).toBe('completed');
    expect(done).toEqual([]);
  });

  it('runs again the items of a map that failed it, and none of the others', async () => {
    const done: number[] = [];
    let down = true;
    await take([
      {
        id: 'each',
        kind: 'map',
        over: '{{ [1..20] }}',
        concurrency: 1,
        do: {
          kind: 'code',
          with: '{{ item }}',
          run: ({ input }) => {
            const item = input as unknown as number;
            done.push(item);
            if (down && item === 12) throw new Error('down');
            return item;
          },
        },
      },
    ]);
    await assembly.start();
    const failed = await ended(await start());
    expect(failed).toMatchObject({ status: 'failed' });
    done.length = 0;
    down = false;
    await retry(failed);
    expect(await ended(failed)).toMatchObject({
      status: 'completed',
      output: Array.from({ length: 20 }, (_, n) => n + 1),
    });
    expect(done).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it('keeps what items came to in a later attempt at their node', async () => {
    const done: number[] = [];
    let down = true;
    const item: NodeSpec['run'] = ({ input }) => {
      const index = input as unknown as number;
      done.push(index);
      if (index === 1 && done.filter((one) => one === 1).length < 2) throw new Error('down once');
      if (down && index === 2) throw new Error('down');
      return index;
    };
    await take([
      {
        id: 'each',
        kind: 'map',
        over: '{{ [1..3] }}',
        concurrency: 1,
        retry: { attempts: 2, initial: 1 },
        do: { kind: 'code', with: '{{ item }}', run: item },
      },
    ]);
    await assembly.start();
    const failed = await ended(await start());
    expect([failed.status, done]).toEqual(['failed', [1, 1, 2]]);
    down = false;
    await retry(failed);
    expect(await ended(failed)).toMatchObject({ status: 'completed', output: [1, 2, 3] });
    expect(done).toEqual([1, 1, 2, 2, 3]);
  });

  it('is refused, and changes nothing, when it cannot be paid, has nothing to retry, or is not over', async () => {
    await take([code('a'), code('b', ['a'])], { credits: 60 });
    failing.add('b');
    failing.add('a hangs');
    await assembly.start();
    const running = await start();
    await expect(retry(running)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('it is') });
    await assembly.services.cancelRun(caller, { runId: running.id });
    failing.delete('a hangs');
    const failed = await ended(await start());
    failing.clear();
    const paid = await ended(await start());
    await expect(retry(paid)).rejects.toMatchObject({ code: 'conflict' });
    await expect(retry(failed)).rejects.toMatchObject({ code: 'insufficient_credits' });
    expect(await assembly.services.getRun(caller, { runId: failed.id })).toEqual(failed);
    const stranger = { ...caller, organizationId: 'somebody else' };
    await expect(assembly.services.retryRun(stranger, { runId: failed.id })).rejects.toMatchObject({
      code: 'not_found',
    });

    await take([code('a')], { result: '{{ [nodes.a.output] }}', output: { type: 'string' }, credits: 0 });
    const misfit = await ended(await start());
    expect(misfit).toMatchObject({ status: 'failed', error: { nodeId: null } });
    await expect(retry(misfit)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('asked for twice at once happens once', async () => {
    await take([code('a')]);
    failing.add('a');
    await assembly.start();
    const failed = await ended(await start());
    failing.clear();
    const outcomes = await Promise.allSettled([retry(failed), retry(failed), retry(failed)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await ended(failed);
    expect(calls.get('a')).toBe(2);
    expect(await ledger()).toEqual(['25 0', '-25 0', '25 0', '-25 25']);
  });

  it('is told to whoever watches, from the first event on', async () => {
    await take([code('a')]);
    failing.add('a');
    await assembly.start();
    const failed = await ended(await start());
    failing.clear();
    await retry(failed);
    await ended(failed);
    const kinds: string[] = [];
    const { signal } = new AbortController();
    for await (const event of assembly.services.watchRun(caller, { runId: failed.id, afterSeq: 0, signal })) {
      kinds.push(event.kind);
    }
    expect(kinds.filter((kind) => kind.startsWith('run.'))).toEqual([
      'run.created',
      'run.started',
      'run.failed',
      'run.retried',
      'run.started',
      'run.completed',
    ]);
    const outputs: unknown[] = [];
    for await (const { output } of assembly.services.listNodeOutputs(caller, { runId: failed.id })) {
      outputs.push(output);
    }
    expect(outputs).toEqual(['a 2']);
  });

  it('outlives a restart', async () => {
    await assembly.close({ graceMs: 0 });
    await open(folder);
    const nodes = [code('a'), code('b', ['a']), code('c', ['b'])];
    await take(nodes);
    failing.add('b');
    await assembly.start();
    const failed = await ended(await start());
    failing.clear();
    failing.add('c hangs');
    await retry(failed);
    while (calls.get('c') === undefined) await new Promise((resolve) => setImmediate(resolve));
    await assembly.close({ graceMs: 0 });
    failing.clear();
    await open(folder);
    await take(nodes);
    await assembly.start();
    expect(await ended(failed)).toMatchObject({ status: 'completed', retries: { count: 1 } });
    expect(Object.fromEntries(calls)).toEqual({ a: 1, b: 2, c: 2 });
    expect(await ledger()).toEqual(['25 0', '-25 0', '25 0', '-25 25']);
  });

  it('lets progress that had been made stand', async () => {
    await take([
      code('a', [], {
        run: ({ progress }) => {
          progress(60);
          throw new Error('down');
        },
      }),
    ]);
    await assembly.start();
    const failed = await ended(await start());
    expect(failed.nodes[0]?.progress).toBe(60);
    expect((await retry(failed)).nodes[0]).toMatchObject({ status: 'pending', progress: 60, error: null });
  });

  it('starts a run anew that one of its nodes had started', async () => {
    const inner = defineWorkflow({ id: 'inner', name: 'I', description: 'i', credits: 3, nodes: [code('i')] });
    const outer = defineWorkflow({
      id: 'w',
      name: 'W',
      description: 'w',
      credits: 4,
      nodes: [{ id: 'call', kind: 'workflow', workflow: 'inner' }],
    });
    for (const workflow of [inner, outer]) assembly.handlers.registerInline(workflow);
    await assembly.catalog.replaceAll([inner, outer].map((workflow) => describeSource(workflow, nodeKinds)));
    failing.add('i');
    await assembly.start();
    const failed = await ended(await start());
    const child = failed.nodes[0]?.childRunId ?? '';
    expect(failed.error?.message).toBe(`I (run_${child}) failed: i is down`);
    await expect(retry({ ...failed, id: child })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`node call of run run_${failed.id} started it`),
    });
    failing.clear();
    await retry(failed);
    const completed = await ended(failed);
    expect(completed).toMatchObject({ status: 'completed', output: 'i 2' });
    expect(completed.nodes[0]?.childRunId).not.toBe(child);
    expect(await assembly.services.getCredits(caller)).toMatchObject({ reserved: 0, usedThisMonth: 7 });
  });

  it('pays once for a run that a node has started, whenever its own is cancelled and retried', async () => {
    const inner = defineWorkflow({ id: 'inner', name: 'I', description: 'i', credits: 1, nodes: [code('i')] });
    const outer = defineWorkflow({
      id: 'w',
      name: 'W',
      description: 'w',
      credits: 1,
      budget: { credits: 2, shared: true },
      nodes: [{ id: 'call', kind: 'workflow', workflow: 'inner' }],
    });
    for (const workflow of [inner, outer]) assembly.handlers.registerInline(workflow);
    await assembly.catalog.replaceAll([inner, outer].map((workflow) => describeSource(workflow, nodeKinds)));
    await assembly.start();
    let retried = 0;
    for (let turns = 0; turns < 40; turns += 1) {
      const run = await start();
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const cancelled = await assembly.services.cancelRun(caller, { runId: run.id }).catch(() => null);
      if (cancelled !== null) {
        await retry(run);
        retried += 1;
      }
      expect(await ended(run)).toMatchObject({ status: 'completed', error: null });
    }
    expect(retried).toBeGreaterThan(0);
    expect(await assembly.services.getCredits(caller)).toMatchObject({ reserved: 0, usedThisMonth: 80 });
  });
});

function thisMonth(): string {
  return new Date().toISOString().slice(0, 7);
}
