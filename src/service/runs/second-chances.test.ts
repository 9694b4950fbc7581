import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createErrand, type Errand } from '../../app/create-errand.js';
import { assemble, type Assembly } from '../../app/assembly/assemble.js';
import type { Principal } from '../../core/tenant/principal.js';
import { SCOPES } from '../../core/tenant/principal.js';
import type { Run } from '../../core/run/run.js';
import { nodeKinds } from '../../nodes/registry.js';
import { defineWorkflow, type NodeSpec, type WorkflowSpec } from '../../workflow/define-workflow.js';
import { describeSource } from '../../app/assembly/workflow-set.js';
import { sumLedger } from '../../testing/store-suite/sum-ledger.js';

/** How often each node was run, and which are to fail. */
const calls = new Map<string, number>();
const failing = new Set<string>();
let assembly: Assembly;
let caller: Principal;
let folder: string;

beforeEach(async () => {
  calls.clear();
  failing.clear();
  folder = mkdtempSync(join(tmpdir(), 'errand-second-'));
  await open(':memory:');
});
afterEach(async () => {
  await assembly.close({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

async function open(data: string): Promise<void> {
  assembly = await assemble({ data, monthlyCredits: 100, maxActiveRuns: 50 });
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: SCOPES };
}

function code(id: string, needs: readonly string[] = [], rest: Partial<NodeSpec> = {}): NodeSpec {
  return {
    id,
    kind: 'code',
    needs,
    run: ({ signal }) => {
      const count = (calls.get(id) ?? 0) + 1;
      calls.set(id, count);
      if (failing.has(id)) throw new Error(`${id} is down`);
      if (failing.has(`${id} hangs`)) return new Promise((_, reject) => signal.addEventListener('abort', reject));
      return `${id} ${count}`;
    },
    ...rest,
  };
}

const agent = (id: string, needs: readonly string[] = []): NodeSpec =>
  code(id, needs, { role: id, label: id, on_error: 'continue' });

async function take(nodes: readonly NodeSpec[], rest: Partial<WorkflowSpec> = {}): Promise<void> {
  const workflow = defineWorkflow({ id: 'w', name: 'W', description: 'w', credits: 25, nodes, ...rest });
  assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll([describeSource(workflow, nodeKinds)]);
}

async function start(input = {}): Promise<Run> {
  return (await assembly.services.runWorkflow(caller, { workflowId: 'w', input })).run;
}

const ended = ({ id }: Pick<Run, 'id'>): Promise<Run> =>
  assembly.services.waitForRun(caller, { runId: id, timeoutMs: 20_000 });
const retry = ({ id }: Run): Promise<Run> => assembly.services.retryRun(caller, { runId: id });

async function ledger(): Promise<string[]> {
  const movements = await assembly.services.listCreditMovements(caller, { limit: 100, offset: 0 });
  return movements.map(({ reservedDelta, usedDelta }) => `${reservedDelta} ${usedDelta}`).toReversed();
}

const statuses = (run: Run): string => run.nodes.map(({ id, status }) => `${id} ${status}`).join(', ');

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
    await expect(retry({ ...failed, id: child })).rejects.toMatchObject({ code: 'conflict' });
    failing.clear();
    await retry(failed);
    const completed = await ended(failed);
    expect(completed).toMatchObject({ status: 'completed', output: 'i 2' });
    expect(completed.nodes[0]?.childRunId).not.toBe(child);
    expect(await assembly.services.getCredits(caller)).toMatchObject({ reserved: 0, usedThisMonth: 7 });
  });
});

describe('rerunning a run', () => {
  const again = (run: Run, rest = {}): Promise<Run> =>
    assembly.services.rerun(caller, { runId: run.id, ...rest }).then((result) => result.run);

  it('starts a new run that is linked to it, with the same input or another', async () => {
    await take([{ id: 't', kind: 'transform', with: '{{ input }}' }]);
    await assembly.start();
    const first = await ended(await start({ x: 1 }));
    const same = await again(first);
    expect(same.id).not.toBe(first.id);
    expect(await ended(same)).toMatchObject({ output: { x: 1 }, rerunOf: { runId: first.id, fromNode: null } });
    expect(await ended(await again(first, { input: { x: 2 } }))).toMatchObject({ output: { x: 2 } });
    expect(await assembly.services.getCredits(caller)).toMatchObject({ usedThisMonth: 75 });
    const { runs } = await assembly.services.listRuns(caller, { limit: 1, offset: 0 });
    expect(runs[0]?.rerunOf).toEqual({ runId: first.id, fromNode: null });
  });

  it('runs on the newest version, or on the same', async () => {
    await take([{ id: 't', kind: 'transform', with: 'old' }]);
    await assembly.start();
    const first = await ended(await start());
    await take([{ id: 't', kind: 'transform', with: 'new' }]);
    expect(await ended(await again(first))).toMatchObject({ output: 'new', workflowVersion: 2 });
    expect(await ended(await again(first, { sameVersion: true }))).toMatchObject({ output: 'old', workflowVersion: 1 });
    await assembly.catalog.replaceAll([]);
    await expect(again(first)).rejects.toMatchObject({ code: 'not_found' });
    expect(await ended(await again(first, { sameVersion: true }))).toMatchObject({ output: 'old' });
  });

  it('from a node takes over what does not depend on that one', async () => {
    const nodes = [
      code('a'),
      code('b', [], { on_error: 'continue' }),
      code('c', ['a', 'b']),
      code('d', ['a'], { when: 'false' }),
      code('e', ['c']),
    ];
    await take(nodes, { result: '{{ nodes.a.output & ", " & nodes.c.output & ", " & nodes.e.output }}' });
    failing.add('b');
    failing.add('e');
    await assembly.start();
    const failed = await ended(await start());
    expect(statuses(failed)).toBe('a completed, b failed, c completed, d skipped, e failed');
    failing.clear();
    const fromC = await again(failed, { fromNode: 'c' });
    expect(statuses(fromC)).toBe('a completed, b failed, c pending, d skipped, e pending');
    expect(await ended(fromC)).toMatchObject({ output: 'a 1, c 2, e 2', rerunOf: { fromNode: 'c' } });
    expect(await ended(await again(failed, { fromNode: 'e' }))).toMatchObject({ output: 'a 1, c 1, e 3' });
    expect(Object.fromEntries(calls)).toEqual({ a: 1, b: 1, c: 2, e: 3 });
  });

  it('from a node runs what the earlier run had not got to', async () => {
    await take([code('a'), code('b'), code('c', ['a', 'b'])]);
    failing.add('a');
    failing.add('b hangs');
    await assembly.start();
    const failed = await ended(await start());
    expect(statuses(failed)).toBe('a failed, b cancelled, c skipped');
    failing.clear();
    expect(await ended(await again(failed, { fromNode: 'c' }))).toMatchObject({ status: 'completed' });
    expect(Object.fromEntries(calls)).toEqual({ a: 2, b: 2, c: 1 });
  });

  it('refuses a node that there is not, an input for a rerun from a node, and another organization', async () => {
    await take([code('a')]);
    await assembly.start();
    const first = await ended(await start());
    await expect(again(first, { fromNode: 'x' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(again(first, { fromNode: 'a', input: {} })).rejects.toMatchObject({ code: 'invalid_input' });
    const stranger = { ...caller, organizationId: 'somebody else' };
    await expect(assembly.services.rerun(stranger, { runId: first.id })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('happens once for an idempotency key', async () => {
    await take([code('a')]);
    await assembly.start();
    const first = await ended(await start());
    const [one, two] = await Promise.all([
      again(first, { idempotencyKey: 'k' }),
      again(first, { idempotencyKey: 'k' }),
    ]);
    expect(two.id).toBe(one.id);
    await expect(again(first, { idempotencyKey: 'k', input: { x: 1 } })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('gives a repeat the run of its first call, whatever has become of the earlier run and its workflow', async () => {
    await take([code('a'), code('b', ['a'])]);
    failing.add('b');
    await assembly.start();
    const failed = await ended(await start());
    const once = { fromNode: 'b', idempotencyKey: 'k' };
    const next = await again(failed, once);
    failing.add('b hangs');
    failing.delete('b');
    expect((await retry(failed)).status).toBe('pending');
    expect((await again(failed, once)).id).toBe(next.id);
    await expect(again(failed, { ...once, idempotencyKey: 'another' })).rejects.toMatchObject({ code: 'conflict' });
    await assembly.catalog.replaceAll([]);
    expect((await again(failed, once)).id).toBe(next.id);
  });

  it('from a node takes over what the earlier run had come to when it was asked for, not what a retry makes of it meanwhile', async () => {
    await take([code('a', [], { on_error: 'continue' }), code('b', ['a']), code('c', ['b'])]);
    failing.add('a');
    failing.add('c');
    await assembly.start();
    const failed = await ended(await start());
    failing.clear();
    const { log } = assembly.store;
    const list = log.list.bind(log);
    log.list = async (params) => {
      log.list = list;
      await ended(await retry(failed));
      return list(params);
    };
    const next = await again(failed, { fromNode: 'c' });
    expect(statuses(next)).toBe('a failed, b completed, c pending');
    expect(statuses(await assembly.services.getRun(caller, { runId: failed.id }))).toContain('a completed');
  });
});

it('a library can retry and rerun, too', async () => {
  const errand: Errand = await createErrand({
    workflows: [defineWorkflow({ id: 'w', name: 'W', description: 'w', nodes: [code('a')] })],
  });
  failing.add('a');
  const { id } = await errand.runWorkflow('w');
  await errand.waitForRun(id);
  failing.clear();
  await errand.retryRun(id);
  expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed' });
  const next = await errand.rerun(id);
  expect(await errand.waitForRun(next.id)).toMatchObject({ status: 'completed', rerunOf: { runId: id } });
  await errand.close();
});

function thisMonth(): string {
  return new Date().toISOString().slice(0, 7);
}
