import { describe, expect, it } from 'vitest';
import { CALLER, contractUnderTest, saidBy } from '../../test/support/contracts/contract-under-test.js';
import { SAMPLE_RUNS, sampleWorkflow } from '../../test/support/runs/sample-records.js';
import type { RateLimiter } from '../core/ports/rate-limiter.js';
import { mcpAppContract } from './published/mcp-app/mcp-app.js';
import { nativeContract } from './native/native-contract.js';
import { workflowsContract } from './published/workflows/workflows.js';

const WORKFLOWS = [sampleWorkflow()];

describe('requests with parts that are null or empty', () => {
  it.each([
    [
      'native',
      nativeContract,
      ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list', 'tasks/list'],
    ],
    ['workflows', workflowsContract, ['tools/list']],
    ['mcp-app', mcpAppContract, ['tools/list']],
  ] as const)(
    'get the first page of each list of %s for a cursor that is null or empty',
    async (_, contract, methods) => {
      const { rpc } = await contractUnderTest(contract, { workflows: WORKFLOWS });
      for (const method of methods) {
        const first = await rpc(method);
        expect(first.error).toBeUndefined();
        for (const cursor of [null, '']) expect(await rpc(method, { cursor })).toEqual(first);
        expect((await rpc(method, { cursor: 'x' })).error?.code).toBe(-32602);
      }
    },
  );

  it.each([
    ['tools/call', { name: 'list_workflows', arguments: null, _meta: null, task: null, requestState: null }],
    ['prompts/get', { name: 'site_checkup', arguments: null }],
    ['prompts/get', { name: 'site_checkup', arguments: { url: null } }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'site_checkup' }, argument: { name: 'url', value: '' }, context: null },
    ],
    [
      'completion/complete',
      {
        ref: { type: 'ref/prompt', name: 'site_checkup' },
        argument: { name: 'url', value: '' },
        context: { arguments: null },
      },
    ],
    [
      'tools/call',
      { name: 'site_checkup', arguments: { url: 'u' }, task: {}, _meta: { 'dev.errand/idempotencyKey': null } },
    ],
    [
      'tools/call',
      { name: 'site_checkup', arguments: { url: 'u' }, task: {}, _meta: { 'dev.errand/idempotencyKey': '' } },
    ],
  ])('are taken as if those were absent: %s %j', async (method, params) => {
    const { rpc } = await contractUnderTest(nativeContract, { workflows: WORKFLOWS });
    expect(saidBy(await rpc(method, params))).toBe('ok');
  });

  it('are prompts with a number for a text', async () => {
    const { rpc } = await contractUnderTest(nativeContract, { workflows: WORKFLOWS });
    const { result } = await rpc('prompts/get', { name: 'site_checkup', arguments: { url: 5 } });
    expect(JSON.stringify(result)).toContain('\\"url\\": \\"5\\"');
  });
});

describe('limits', () => {
  const countingLimiter = (): RateLimiter & { taken: number } => ({
    taken: 0,
    take() {
      this.taken += 1;
      return { ok: true };
    },
  });

  it.each([
    ['an unknown tool', 'nope', {}],
    ['arguments that are no object', 'list_workflows', 5],
    ['arguments that do not fit', 'get_run_status', {}],
  ])('count a call of %s', async (_, name, args) => {
    const reading = countingLimiter();
    const { call } = await contractUnderTest(nativeContract, { limits: { reading } });
    expect(saidBy(await call(name, args))).not.toBe('ok');
    expect(reading.taken).toBe(1);
  });

  it('refuse a call of an unknown tool when they are used up', async () => {
    const reading: RateLimiter = { take: () => ({ ok: false, retryAfterSeconds: 7 }) };
    const { call } = await contractUnderTest(nativeContract, { limits: { reading } });
    expect((await call('nope', {})).result).toMatchObject({
      structuredContent: { error: { code: 'rate_limited', retry_after_seconds: 7 } },
    });
  });
});

describe('the list of tasks', () => {
  it('is made without reading what runs that have ended have given', async () => {
    const { rpc, services } = await contractUnderTest(nativeContract, { workflows: WORKFLOWS });
    const runs = await Promise.all(
      Object.values(SAMPLE_RUNS).map((run, index) =>
        services.put({ ...run, id: `0193512f-4d2b-7c3a-9f00-00000000000${index}` }),
      ),
    );
    const read: string[] = [];
    const getRun = services.getRun.bind(services);
    services.stub('getRun', async (...args) => {
      read.push(args[1].runId);
      return await getRun(...args);
    });
    const { tasks } = (await rpc('tasks/list')).result as { tasks: Record<string, string>[] };
    expect(tasks).toHaveLength(runs.length);
    expect(tasks.map(({ statusMessage }) => statusMessage)).toContain('completed');
    const open = runs.filter(({ status }) => status === 'pending' || status === 'running');
    expect(read.toSorted()).toEqual(open.map(({ id }) => id).toSorted());
  });
});

describe('a repeated idempotency key', () => {
  it.each(['failed', 'cancelled'] as const)('says what to do when its run is %s', async (status) => {
    const { call, rpc, services } = await contractUnderTest(nativeContract, { workflows: WORKFLOWS });
    const end = (runId: string): Promise<void> =>
      status === 'failed'
        ? services.append(runId, { kind: 'run.failed', error: { kind: 'error', message: 'no', nodeId: null } })
        : services.append(runId, { kind: 'run.cancelled', reason: 'enough' });
    const given = { workflowId: 'site_checkup', input: { url: 'u' }, idempotencyKey: 'k' };
    const { run } = await services.runWorkflow(CALLER, given);
    await end(run.id);
    const { run: again } = await services.rerun(CALLER, { runId: run.id, idempotencyKey: 'l' });
    await end(again.id);
    const meta = { 'dev.errand/idempotencyKey': 'k' };
    const asked = [
      [run, await call('run_workflow', { workflow_id: 'site_checkup', input: { url: 'u' }, idempotency_key: 'k' })],
      [again, await call('rerun', { run_id: `run_${run.id}`, idempotency_key: 'l' })],
      [run, await rpc('tools/call', { name: 'site_checkup', arguments: { url: 'u' }, _meta: meta })],
    ] as const;
    for (const [{ id }, { result }] of asked) {
      const { next_action } = (result as { structuredContent: Record<string, string> }).structuredContent;
      expect(next_action).toContain(`retry_run with run_id "run_${id}"`);
      expect(next_action).toContain('new idempotency key');
      expect(JSON.stringify(result?.['content'])).toContain('retry_run');
    }
  });
});
