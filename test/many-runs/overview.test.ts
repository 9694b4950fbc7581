import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import { NO_USAGE } from '../../src/core/models/models.js';
import type { Run } from '../../src/core/run/run.js';
import { openRecordedServices, type RecordedServices } from '../support/runs/recorded-services.js';
import { CREATED_AT, sampleNode, sampleRun, sampleWorkflow } from '../support/runs/sample-records.js';

const caller = { organizationId: 'org-a', keyId: 'k', scopes: ['read'] } as const;
const stranger = { ...caller, organizationId: 'org-b' };

describe('the overview of an organization', () => {
  let services: RecordedServices;
  beforeAll(async () => {
    services = await openRecordedServices([
      sampleWorkflow(),
      sampleWorkflow({ id: 'other' }),
      sampleWorkflow({ id: 'zebra' }),
    ]);
  });
  beforeEach(() => services.renew());
  afterAll(() => services.close());

  /** A run that took so many seconds and as many credits. */
  const put = (seconds: number, changes: Partial<Run> = {}): Promise<Run> => {
    const startedAt = CREATED_AT + 1_000;
    const ended = { status: 'completed', startedAt, completedAt: startedAt + seconds * 1_000 } as const;
    return services.put(sampleRun({ id: newId(), ...ended, creditsConsumed: seconds, ...changes }));
  };
  const asking = (message: string) =>
    sampleNode('approve', {
      status: 'waiting',
      waitingFor: 'answer',
      label: 'Manager',
      question: { message, schema: { type: 'boolean' } },
    });

  it('counts runs by status, and says what those wait for that go on', async () => {
    await put(1);
    await put(1, { status: 'failed' });
    const until = CREATED_AT + 60_000;
    const going = { status: 'running', completedAt: null } as const;
    const napping = sampleNode('nap', { status: 'waiting', waitingFor: 'time', waitingUntil: until });
    const nap = await put(0, { ...going, nodes: [napping, sampleNode('wake', {})] });
    const holder = sampleNode('each', { status: 'waiting', waitingFor: 'nodes', inner: [asking('Go on?')] });
    const ask = await put(0, { ...going, nodes: [holder] });
    await put(0, { ...going, organizationId: 'org-b', nodes: [asking('A secret of others?')] });
    const { counts, waits, lookedAt } = await services.readOverview(caller);
    expect(counts).toEqual({ pending: 0, running: 2, completed: 1, partial_complete: 0, failed: 1, cancelled: 0 });
    expect(lookedAt).toBe(2);
    // The engine under test lets no run become active.
    const turn = { nodeId: null, label: null, waitsFor: 'turn', reason: expect.stringContaining('slot'), until: null };
    expect(waits.map(({ run, ...wait }) => ({ id: run.id, ...wait }))).toEqual([
      { id: ask.id, ...turn },
      { id: ask.id, nodeId: 'approve', label: 'Manager', waitsFor: 'answer', reason: 'Go on?', until: null },
      { id: nap.id, ...turn },
      { id: nap.id, nodeId: 'nap', label: null, waitsFor: 'time', reason: null, until },
    ]);
  });

  it('looks at the newest hundred unfinished runs, and at ten nodes of each', async () => {
    const nodes = Array.from({ length: 12 }, () => asking('Go on?'));
    for (let count = 0; count < 103; count += 1) {
      await put(0, { status: 'running', completedAt: null, nodes: count === 102 ? nodes : [] });
    }
    const { counts, waits, lookedAt } = await services.readOverview(caller);
    const asked = waits.filter(({ waitsFor }) => waitsFor === 'answer').length;
    expect({ running: counts.running, lookedAt, asked }).toEqual({ running: 103, lookedAt: 100, asked: 10 });
  });

  it('tells how the latest hundred runs of a workflow went, in tens, and what models cost for the latest thirty', async () => {
    const used = { ...NO_USAGE, calls: 1, costMicros: 100 };
    for (let seconds = 1; seconds <= 105; seconds += 1) {
      await put(seconds, {
        ...(seconds > 95 ? { status: 'failed' } : {}),
        nodes: [sampleNode('crawl', { usage: { ...used, unpricedCalls: seconds === 100 ? 1 : 0 } })],
      });
    }
    await put(9_000, { organizationId: 'org-b' });
    const { workflows } = await services.readTrends(caller, { afterId: null, limit: 50 });
    const trend = workflows.find(({ workflowId }) => workflowId === 'site_checkup');
    expect(trend?.latest.map(({ creditsConsumed }) => creditsConsumed).slice(0, 3)).toEqual([105, 104, 103]);
    expect(trend?.latest).toHaveLength(30);
    expect(trend).toMatchObject({ costMicros: 3_000, unpricedRuns: 1 });
    expect(trend?.whole).toMatchObject({
      runs: 100,
      ended: 100,
      completed: 90,
      durationMs: { p50: 55_000, p95: 100_000 },
      credits: 5_550,
    });
    expect(trend?.spans).toHaveLength(10);
    expect(trend?.spans[0]).toMatchObject({ runs: 10, completed: 10, durationMs: { p50: 10_000, p95: 15_000 } });
    expect(trend?.spans.at(-1)).toMatchObject({ runs: 10, completed: 0, durationMs: { p50: 100_000, p95: 105_000 } });
  });

  it('goes through the workflows a page at a time', async () => {
    const ids: string[] = [];
    let afterId: string | null = null;
    do {
      const page = await services.readTrends(caller, { afterId, limit: 2 });
      expect(page.workflows.length).toBeLessThanOrEqual(2);
      ids.push(...page.workflows.map(({ workflowId }) => workflowId));
      afterId = page.nextAfterId;
    } while (afterId !== null);
    expect(ids).toEqual(['other', 'site_checkup', 'zebra']);
  });

  it('shows nothing of other organizations, and nothing to keys that may not read', async () => {
    await put(1);
    expect((await services.readOverview(stranger)).counts.completed).toBe(0);
    const { workflows } = await services.readTrends(stranger, { afterId: null, limit: 50 });
    expect(workflows.map(({ whole }) => whole.runs)).toEqual([0, 0, 0]);
    const nobody = { ...caller, scopes: [] };
    await expect(services.readOverview(nobody)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(services.readTrends(nobody, { afterId: null, limit: 1 })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
