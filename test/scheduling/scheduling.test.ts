import { afterEach, describe, expect, it, vi } from 'vitest';
import { createErrand, type Errand, type ErrandOptions } from '../../src/app/create-errand.js';
import { assemble } from '../../src/app/assembly/assemble.js';
import { defineWorkflow, type NodeSpec, type WorkflowSpec } from '../../src/workflow/define-workflow.js';
import { describeSource } from '../../src/app/assembly/workflow-set.js';
import { nodeKinds } from '../../src/nodes/registry.js';

const opened: Errand[] = [];
afterEach(async () => {
  for (const errand of opened.splice(0)) await errand.close({ graceMs: 0 });
});

/** Work that stays under way until it is let go on, and a list of what has begun. */
class Works {
  readonly begun: string[] = [];
  readonly #open = new Map<string, () => void>();

  /** A workflow of one node that works until `finish` is called with the run's `name`. */
  workflow(id: string, rest: Partial<WorkflowSpec> = {}, node: object = {}, before: readonly NodeSpec[] = []) {
    return defineWorkflow({
      id,
      name: id,
      description: id,
      nodes: [
        ...before,
        {
          id: 'work',
          kind: 'code',
          ...node,
          run: async ({ input, signal }) => {
            const name = input['name'] as string;
            this.begun.push(name);
            await new Promise<void>((resolve) => {
              this.#open.set(name, resolve);
              signal.addEventListener('abort', () => resolve());
            });
            return name;
          },
          with: '{{ input }}',
        },
      ],
      ...rest,
    });
  }

  finish(name: string): void {
    this.#open.get(name)?.();
  }

  async untilBegun(count: number): Promise<void> {
    while (this.begun.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function open(options: ErrandOptions): Promise<Errand> {
  const errand = await createErrand({ monthlyCredits: 100_000, ...options });
  opened.push(errand);
  return errand;
}

describe('runs that cannot all go on at once', () => {
  it("delay another organization's single run by one slot at most", async () => {
    const works = new Works();
    const errand = await open({ maxActiveRuns: 2, workflows: [works.workflow('w')] });
    await errand.createOrganization({ slug: 'small', monthlyCredits: 10 });
    await Promise.all(Array.from({ length: 500 }, (_, n) => errand.runWorkflow('w', { name: `big ${n}` })));
    await works.untilBegun(2);
    await errand.runWorkflow('w', { name: 'single' }, { organization: 'small' });
    works.finish(works.begun[0] ?? '');
    await works.untilBegun(3);
    expect(works.begun[2]).toBe('single');
  });

  it('are answered at once, and go on in their turn', async () => {
    const works = new Works();
    const ask = { id: 'ask', kind: 'ask', question: 'Go on?', answer: { type: 'boolean' } };
    const asking = works.workflow('asking', { result: '{{ nodes.ask.output }}' }, { needs: ['ask'] }, [ask]);
    const errand = await open({ maxActiveRuns: 1, workflows: [asking, works.workflow('w')] });
    const ids: string[] = [];
    for (let n = 0; n < 10; n += 1) ids.push((await errand.runWorkflow('asking', { name: `asked ${n}` })).id);
    const questions = async (): Promise<number> => {
      const runs = await Promise.all(ids.map((id) => errand.getRun(id)));
      return runs.filter(({ nodes }) => nodes[0]?.question !== undefined).length;
    };
    await vi.waitFor(async () => expect(await questions()).toBe(10));
    await errand.runWorkflow('w', { name: 'first' });
    await works.untilBegun(1);
    const answered = await Promise.all(ids.map((id) => errand.answerRun(id, 'ask', true)));
    expect(answered.map(({ nodes }) => nodes[0]?.question)).toEqual(ids.map(() => undefined));
    await expect(errand.answerRun(ids[0] ?? '', 'ask', true)).rejects.toMatchObject({ code: 'conflict' });
    expect(works.begun).toEqual(['first']);
    for (let n = 1; n <= 10; n += 1) {
      works.finish(works.begun[n - 1] ?? '');
      await works.untilBegun(n + 1);
      expect(works.begun).toHaveLength(n + 1);
    }
    works.finish(works.begun[10] ?? '');
    const ended = await Promise.all(ids.map((id) => errand.waitForRun(id)));
    expect(ended.map(({ status, output }) => [status, output])).toEqual(ids.map(() => ['completed', true]));
  });

  it('are cancelled at once', async () => {
    const works = new Works();
    const errand = await open({ maxActiveRuns: 1, workflows: [works.workflow('w')] });
    await errand.runWorkflow('w', { name: 'first' });
    await works.untilBegun(1);
    const { id } = await errand.runWorkflow('w', { name: 'second' });
    expect(await errand.cancelRun(id)).toMatchObject({ status: 'cancelled' });
    expect(works.begun).toEqual(['first']);
  });

  it('go on by their priority', async () => {
    const works = new Works();
    const errand = await open({ maxActiveRuns: 1, workflows: [works.workflow('w')] });
    await errand.runWorkflow('w', { name: 'first' });
    await works.untilBegun(1);
    for (const priority of ['low', 'normal', 'high', 3] as const) {
      await errand.runWorkflow('w', { name: String(priority) }, { priority });
    }
    for (const count of [1, 2, 3, 4]) {
      works.finish(works.begun[count - 1] ?? '');
      await works.untilBegun(count + 1);
    }
    expect(works.begun).toEqual(['first', 'high', '3', 'normal', 'low']);
    await expect(errand.runWorkflow('w', { name: 'x' }, { priority: 11 })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it("keep to the organization's limit and the workflow's", async () => {
    const works = new Works();
    const errand = await open({
      organizationLimits: { runs: 3 },
      workflows: [works.workflow('free'), works.workflow('narrow', { limits: { runs: 1 } })],
    });
    for (const name of ['n1', 'n2']) await errand.runWorkflow('narrow', { name });
    for (const name of ['f1', 'f2', 'f3']) await errand.runWorkflow('free', { name });
    await works.untilBegun(3);
    expect(works.begun).toEqual(['n1', 'f1', 'f2']);
    works.finish('f1');
    await works.untilBegun(4);
    expect(works.begun[3]).toBe('f3');
    works.finish('n1');
    await works.untilBegun(5);
    expect(works.begun[4]).toBe('n2');
  });

  it('can be cancelled while they wait', async () => {
    const works = new Works();
    const errand = await open({ maxActiveRuns: 1, workflows: [works.workflow('w', { credits: 5 })] });
    await errand.runWorkflow('w', { name: 'first' });
    const waiting = await Promise.all(
      Array.from({ length: 200 }, (_, n) => errand.runWorkflow('w', { name: `waits ${n}` })),
    );
    await Promise.all(waiting.map((run) => errand.cancelRun(run.id)));
    expect(await errand.getCredits()).toMatchObject({ reserved: 5, usedThisMonth: 0 });
    expect(works.begun).toEqual(['first']);
  });
});

describe('nodes that cannot all work at once', () => {
  it('keep to the limits of the process and the workflow', async () => {
    const works = new Works();
    const errand = await open({
      maxActiveNodes: 3,
      workflows: [works.workflow('free'), works.workflow('narrow', { limits: { nodes: 1 } })],
    });
    for (const name of ['n1', 'n2']) await errand.runWorkflow('narrow', { name });
    for (const name of ['f1', 'f2', 'f3']) await errand.runWorkflow('free', { name });
    await works.untilBegun(3);
    expect(works.begun).toEqual(['n1', 'f1', 'f2']);
    works.finish('n1');
    await works.untilBegun(4);
    works.finish('f1');
    await works.untilBegun(5);
    expect(works.begun.slice(3).toSorted()).toEqual(['f3', 'n2']);
  });

  it('keep a resource to its uses at once, over runs and items of maps, and end when all have had their turn', async () => {
    let underWay = 0;
    let most = 0;
    const use = async (): Promise<number> => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      return (underWay -= 1);
    };
    const mapped = defineWorkflow({
      id: 'mapped',
      name: 'Mapped',
      description: 'Uses a resource for each item.',
      nodes: [
        {
          id: 'each',
          kind: 'map',
          over: '{{ [1..30] }}',
          concurrency: 30,
          do: { kind: 'code', resource: 'crm', run: use },
        },
      ],
    });
    // One node may work at a time: a map that took a slot itself would leave none for its items.
    const errand = await open({ maxActiveNodes: 6, resources: { crm: { concurrency: 4 } }, workflows: [mapped] });
    const runs = await Promise.all(Array.from({ length: 8 }, () => errand.runWorkflow('mapped')));
    for (const { id } of runs) expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed' });
    expect(most).toBe(4);
  });

  it('do not count their wait into their time-out', async () => {
    const works = new Works();
    const errand = await open({
      resources: { crm: { concurrency: 1 } },
      workflows: [
        works.workflow('w', {}, { resource: 'crm' }),
        defineWorkflow({
          id: 'hasty',
          name: 'Hasty',
          description: 'Has little time.',
          nodes: [{ id: 'work', kind: 'code', resource: 'crm', timeout: 50, run: () => 'in time' }],
        }),
      ],
    });
    await errand.runWorkflow('w', { name: 'first' });
    await works.untilBegun(1);
    const { id } = await errand.runWorkflow('hasty');
    expect(await errand.waitForRun(id, { timeoutMs: 100 })).toMatchObject({ status: 'running' });
    works.finish('first');
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', output: 'in time' });
  });

  it('stay taken until work has ended that a time-out cut off, and hold up no run by that', async () => {
    let underWay = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const deaf = defineWorkflow({
      id: 'deaf',
      name: 'Deaf',
      description: 'Does not listen to its signal.',
      nodes: [
        {
          id: 'work',
          kind: 'code',
          resource: 'crm',
          timeout: 20,
          retry: { attempts: 2, initial: 1 },
          run: async () => {
            most = Math.max(most, (underWay += 1));
            await new Promise<void>((resolve) => ends.push(resolve));
            underWay -= 1;
          },
        },
      ],
    });
    const errand = await open({ resources: { crm: { concurrency: 1 } }, workflows: [deaf] });
    const { id } = await errand.runWorkflow('deaf');
    const work = async () => (await errand.getRun(id)).nodes[0];
    await vi.waitFor(async () => expect(await work()).toMatchObject({ attempt: 2, status: 'running' }));
    expect([ends.length, underWay]).toEqual([1, 1]);
    ends[0]?.();
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'failed', error: { kind: 'timeout' } });
    expect([ends.length, underWay, most]).toEqual([2, 1, 1]);
    const next = await errand.runWorkflow('deaf');
    expect(await errand.waitForRun(next.id, { timeoutMs: 100 })).toMatchObject({ status: 'running' });
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await vi.waitFor(() => expect(ends).toHaveLength(3));
    expect(most).toBe(1);
  });

  it('end with their run while they wait', async () => {
    const works = new Works();
    const errand = await open({ maxActiveNodes: 1, workflows: [works.workflow('w')] });
    await errand.runWorkflow('w', { name: 'first' });
    await works.untilBegun(1);
    const { id } = await errand.runWorkflow('w', { name: 'second' });
    expect(await errand.cancelRun(id)).toMatchObject({ status: 'cancelled' });
    works.finish('first');
    const third = await errand.runWorkflow('w', { name: 'third' });
    await works.untilBegun(2);
    works.finish('third');
    expect(await errand.waitForRun(third.id)).toMatchObject({ status: 'completed' });
    expect(works.begun).toEqual(['first', 'third']);
  });
});

describe('what is waited for', () => {
  it('is told of pending runs and of nodes, and follows limits that an operator changes', async () => {
    const works = new Works();
    const workflow = works.workflow('w', {}, { resource: 'crm' });
    const assembly = await assemble({
      data: ':memory:',
      monthlyCredits: 100,
      maxActiveRuns: 3,
      resources: new Map([['crm', { concurrency: 1, rate: null }]]),
    });
    assembly.handlers.registerInline(workflow);
    await assembly.catalog.replaceAll([describeSource(workflow, nodeKinds, new Set(['crm']))]);
    await assembly.start();
    const { services } = assembly;
    const caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: ['run', 'operate'] as const };
    const start = async (name: string) =>
      (await services.runWorkflow(caller, { workflowId: 'w', input: { name } })).run;
    const waits = async (id: string) => services.explainWaits(caller, await services.getRun(caller, { runId: id }));

    await services.updateOrganization(caller, { organization: 'default', limits: { runs: 2 } });
    const [first, second, third] = [await start('1'), await start('2'), await start('3')];
    await works.untilBegun(1);
    expect(await waits(first.id)).toMatchObject({ run: null });
    expect((await waits(third.id)).run).toBe('the limit of its organization: 2 of 2 runs are active');
    while ((await waits(second.id)).nodes.size === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await waits(second.id)).nodes.get('work')).toBe('the resource crm: 1 of 1 uses are under way');

    await services.updateOrganization(caller, { organization: 'default', limits: null });
    const fourth = await start('4');
    expect((await waits(fourth.id)).run).toBe('a free slot: 3 of 3 runs are active');
    assembly.setResources(new Map());
    await works.untilBegun(3);
    expect((await waits(second.id)).nodes.size).toBe(0);
    const stranger = { ...caller, organizationId: 'somebody else' };
    expect((await services.explainWaits(stranger, fourth)).run).toBeNull();
    await assembly.close({ graceMs: 0 });
  });

  it('is passed on by a stop without waiting for the grace', async () => {
    const works = new Works();
    const errand = await open({ maxActiveNodes: 1, workflows: [works.workflow('w')] });
    await errand.runWorkflow('w', { name: 'first' });
    await errand.runWorkflow('w', { name: 'second' });
    await works.untilBegun(1);
    const stopped = errand.close({ graceMs: 60_000 });
    works.finish('first');
    await stopped;
    expect(works.begun).toEqual(['first']);
  });
});
