import { describe, expect, it } from 'vitest';
import type { NodeSlot, NodeSlotRequest } from '../../core/ports/node-slots.js';
import { NO_LIMITS, type Limits, type ResourceLimits } from '../../core/tenant/scheduling.js';
import { ManualClock, settle } from '../../testing/manual-clock.js';
import { LocalNodeSlots } from './node-slots.js';

interface Setting {
  limit?: number | null;
  organizations?: Record<string, Limits>;
  workflows?: Record<string, Limits>;
  resources?: Record<string, ResourceLimits>;
}

function open(setting: Setting) {
  const clock = new ManualClock();
  const slots = new LocalNodeSlots({
    clock,
    limit: setting.limit ?? null,
    limitsOfOrganization: (id) => setting.organizations?.[id] ?? NO_LIMITS,
    limitsOfWorkflow: (id) => setting.workflows?.[id] ?? NO_LIMITS,
    limitsOfResource: (name) => setting.resources?.[name] ?? null,
  });
  const granted: { nodeId: string; at: number; slot: NodeSlot }[] = [];
  const ask = (nodeId: string, rest: Partial<NodeSlotRequest> = {}): Promise<void> => {
    const request: NodeSlotRequest = {
      runId: 'r',
      nodeId,
      organizationId: 'o',
      workflow: 'w',
      resource: null,
      pool: null,
      priority: 0,
      signal: new AbortController().signal,
      ...rest,
    };
    return Promise.resolve(slots.take(request)).then((slot) => {
      granted.push({ nodeId, at: clock.now(), slot });
    });
  };
  return { clock, slots, granted, ask, setting };
}

describe('slots for nodes', () => {
  it('are there at once where nothing limits them', async () => {
    const { slots } = open({});
    const slot = slots.take({
      runId: 'r',
      nodeId: 'n',
      organizationId: 'o',
      workflow: 'w',
      resource: 'undeclared',
      pool: null,
      priority: 0,
      signal: new AbortController().signal,
    });
    expect(slot).not.toBeInstanceOf(Promise);
  });

  it('leave workers of a pool to other organizations, however many one asks for, and say what one waits for', async () => {
    const { granted, ask, slots } = open({});
    const pool = { name: 'threads for scripts', size: 3, perOrganization: 2 };
    for (const id of ['a', 'b', 'c', 'd']) void ask(id, { pool });
    for (const id of ['e', 'f']) void ask(id, { pool, organizationId: 'p', runId: 'r2' });
    void ask('g', { pool, organizationId: 'q', runId: 'r3' });
    void ask('h');
    await settle();
    expect(granted.map(({ nodeId }) => nodeId)).toEqual(['a', 'b', 'e', 'h']);
    expect(slots.explain('r').get('c')).toBe('threads for scripts: 3 of 3 are at work');
    granted.find(({ nodeId }) => nodeId === 'a')?.slot.release();
    await settle();
    expect(granted.at(-1)?.nodeId).toBe('g');
    granted.find(({ nodeId }) => nodeId === 'e')?.slot.release();
    await settle();
    expect(granted.at(-1)?.nodeId).toBe('f');
    granted.find(({ nodeId }) => nodeId === 'g')?.slot.release();
    await settle();
    expect(granted.at(-1)?.nodeId).toBe('c');
    granted.find(({ nodeId }) => nodeId === 'f')?.slot.release();
    await settle();
    expect(slots.explain('r').get('d')).toBe('threads for scripts for its organization: 2 of 2 are at work');
  });

  it('are no more than the process, the organization and the workflow allow, and say so', async () => {
    const { granted, ask, slots } = open({
      limit: 5,
      organizations: { o: { runs: null, nodes: 3 } },
      workflows: { w: { runs: null, nodes: 2 } },
    });
    for (const id of ['a', 'b', 'c']) void ask(id);
    for (const id of ['d', 'e']) void ask(id, { workflow: 'x', runId: 'r2' });
    for (const id of ['f', 'g', 'h']) void ask(id, { organizationId: 'p', workflow: 'x', runId: 'r3' });
    await settle();
    expect(granted.map(({ nodeId }) => nodeId).toSorted()).toEqual(['a', 'b', 'd', 'f', 'g']);
    expect(slots.explain('r').get('c')).toBe('the limit of workflow w: 2 of 2 nodes are working');
    expect(slots.explain('r2').get('e')).toBe('the limit of its organization: 3 of 3 nodes are working');
    expect(slots.explain('r3').get('h')).toBe('a free slot: 5 of 5 nodes are working');
    for (const { slot } of granted.splice(0)) slot.release();
    await settle();
    expect(granted.map(({ nodeId }) => nodeId).toSorted()).toEqual(['c', 'e', 'h']);
    expect(slots.explain('r').size).toBe(0);
  });

  it('keep a resource to its number of uses at once and its rate', async () => {
    const { clock, granted, ask } = open({
      resources: { crm: { concurrency: 4, rate: { count: 60, perMs: 60_000 } } },
    });
    const began = clock.now();
    const uses: number[] = [];
    let underWay = 0;
    let most = 0;
    const use = async (n: number): Promise<void> => {
      await ask(`n${n}`, { resource: 'crm' });
      const { slot } = granted.at(-1) ?? {};
      uses.push(clock.now());
      most = Math.max(most, (underWay += 1));
      await new Promise<void>((resolve) => clock.schedule(100, resolve));
      underWay -= 1;
      slot?.release();
    };
    const all = Promise.all(Array.from({ length: 150 }, (_, n) => use(n)));
    await clock.advance(180_000);
    await all;
    expect(most).toBe(4);
    const within = (from: number, to: number) => uses.filter((at) => at - began >= from && at - began < to).length;
    expect([within(0, 60_000), within(60_000, 120_000), within(120_000, 180_000)]).toEqual([60, 60, 30]);
    const spans = uses.slice(60).map((later, index) => later - (uses[index] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(60_000);
  });

  it("let an organization's single node go next though another has thousands waiting", async () => {
    const { granted, ask } = open({ limit: 2 });
    for (let n = 0; n < 2_000; n += 1) void ask(`big${n}`, { organizationId: 'big' });
    void ask('single', { organizationId: 'small' });
    await settle();
    expect(granted).toHaveLength(2);
    granted[0]?.slot.release();
    await settle();
    expect(granted[2]?.nodeId).toBe('single');
  });

  it('end the wait of a node whose run ends', async () => {
    const { granted, ask, slots } = open({ limit: 1 });
    const controller = new AbortController();
    void ask('first');
    const second = ask('second', { signal: controller.signal }).catch((error: unknown) => error);
    await settle();
    controller.abort(new Error('the run was cancelled'));
    expect(await second).toMatchObject({ message: 'the run was cancelled' });
    expect(slots.explain('r').size).toBe(0);
    granted[0]?.slot.release();
    await ask('third');
    expect(granted.map(({ nodeId }) => nodeId)).toEqual(['first', 'third']);
  });

  it('follow limits that are changed', async () => {
    const { granted, ask, slots, setting } = open({ organizations: { o: { runs: null, nodes: 1 } } });
    for (const id of ['a', 'b', 'c']) void ask(id);
    await settle();
    expect(granted).toHaveLength(1);
    setting.organizations = { o: { runs: null, nodes: 2 } };
    slots.refresh();
    await settle();
    expect(granted).toHaveLength(2);
  });
});
