import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble, type Assembly } from '../../../app/assembly/assemble.js';
import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { Run } from '../../../core/run/run.js';
import { nodeKinds } from '../../../nodes/registry.js';
import { defineWorkflow } from '../../../workflow/define-workflow.js';
import { describeSource } from '../../../app/assembly/workflow-set.js';

/** Lets a run's node go on when a test says so. */
let release: () => void = () => undefined;

const steps = defineWorkflow({
  id: 'steps',
  name: 'Steps',
  description: 'Waits to be let go, then ends.',
  credits: 1,
  nodes: [
    { id: 'first', kind: 'transform', with: { value: 1 } },
    { id: 'second', kind: 'code', needs: ['first'], run: () => new Promise<void>((resolve) => (release = resolve)) },
    { id: 'third', kind: 'transform', needs: ['second'], with: { value: 3 } },
  ],
});

let assembly: Assembly;
let caller: Principal;

beforeAll(async () => {
  assembly = await assemble({ data: ':memory:', monthlyCredits: 100, maxActiveRuns: 10 });
  assembly.handlers.registerInline(steps);
  await assembly.catalog.replaceAll([describeSource(steps, nodeKinds)]);
  await assembly.start();
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: ['run', 'operate'] };
});
afterAll(() => assembly.close({ graceMs: 0 }));

describe('following a run', () => {
  it('gives the record as it stands, then after every commit, until it is stopped', async () => {
    const { services } = assembly;
    const { run: started } = await services.runWorkflow(caller, { workflowId: 'steps', input: {} });
    const seen: Run[] = [];
    const { run, stop } = await services.followRun(caller, { runId: started.id, listener: (next) => seen.push(next) });
    expect(run.id).toBe(started.id);
    await expect.poll(() => seen.some((next) => next.nodes[1]?.status === 'running')).toBe(true);
    release();
    const ended = await services.waitForRun(caller, { runId: started.id, timeoutMs: 10_000 });
    const versions = seen.map((next) => next.version);
    expect(versions.at(-1)).toBe(ended.version);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    expect(Math.min(...versions)).toBeGreaterThan(run.version);
    stop();
  });

  it('tells nothing of another organization’s run', async () => {
    const { services } = assembly;
    const { run } = await services.runWorkflow(caller, { workflowId: 'steps', input: {} });
    const other = { ...caller, organizationId: 'another' };
    const listener = () => undefined;
    await expect(services.followRun(other, { runId: run.id, listener })).rejects.toMatchObject({ code: 'not_found' });
    await services.cancelRun(caller, { runId: run.id });
  });
});

describe('the outputs of a run’s nodes', () => {
  it('are read from its log, in the order in which they came', async () => {
    const { services } = assembly;
    const { run } = await services.runWorkflow(caller, { workflowId: 'steps', input: {} });
    await expect.poll(async () => (await services.getRun(caller, { runId: run.id })).nodes[1]?.status).toBe('running');
    release();
    await services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 });
    const outputs = [];
    for await (const output of services.listNodeOutputs(caller, { runId: run.id })) outputs.push(output);
    expect(outputs).toEqual([
      { nodeId: 'first', output: { value: 1 } },
      { nodeId: 'second', output: null },
      { nodeId: 'third', output: { value: 3 } },
    ]);
  });
});

describe('a changed set of workflows', () => {
  it('is told to listeners, and one that is the same is not', async () => {
    let told = 0;
    const stop = assembly.services.onWorkflowsChanged(caller, () => (told += 1));
    await assembly.catalog.replaceAll([describeSource(steps, nodeKinds)]);
    expect(told).toBe(0);
    const definition: WorkflowDefinition = { ...steps.definition, id: 'more', nodes: [{ id: 'a', kind: 'transform' }] };
    const more = { definition, handlers: {}, hash: 'b'.repeat(64) };
    await assembly.catalog.replaceAll([describeSource(steps, nodeKinds), more]);
    expect(told).toBe(1);
    stop();
    await assembly.catalog.replaceAll([describeSource(steps, nodeKinds)]);
    expect(told).toBe(1);
  });
});

describe('an idempotency key', () => {
  it('gives one run to calls side by side, though there are credits for one only', async () => {
    const { services } = assembly;
    const { available } = await services.getCredits(caller);
    const slug = 'one-credit';
    const { organization } = await services.createOrganization(caller, { slug, monthlyCredits: 1 });
    const { id } = organization;
    expect(available).toBeGreaterThan(0);
    const poor = { ...caller, organizationId: id };
    const call = { workflowId: 'steps', input: {}, idempotencyKey: 'once' };
    const started = await Promise.all(Array.from({ length: 20 }, () => services.runWorkflow(poor, call)));
    expect(new Set(started.map(({ run }) => run.id)).size).toBe(1);
    expect(started.filter(({ created }) => created)).toHaveLength(1);
    await services.cancelRun(poor, { runId: started[0]?.run.id ?? '' });
  });
});
