import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createErrand, type Errand } from './create-errand.js';
import type { Run } from '../core/run/run.js';
import { defineWorkflow, type NodeSpec, type WorkflowSpec } from '../workflow/define-workflow.js';
import type { DefinedWorkflow } from '../workflow/defined-workflow.js';

let data: string;
let open: Errand[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'errand-waiting-'));
});
afterEach(async () => {
  for (const errand of open) await errand.close({ graceMs: 0 });
  open = [];
  rmSync(data, { recursive: true, force: true });
});

async function start(workflows: DefinedWorkflow[], options: { maxActiveRuns?: number } = {}): Promise<Errand> {
  const errand = await createErrand({ data, workflows, ...options });
  open.push(errand);
  return errand;
}

const workflow = (id: string, nodes: NodeSpec[], rest: Partial<WorkflowSpec> = {}): DefinedWorkflow =>
  defineWorkflow({ id, name: id, description: id, nodes, ...rest });

const nodeOf = (run: Run, id: string) => run.nodes.find((node) => node.id === id);

async function until(errand: Errand, runId: string, isSo: (run: Run) => boolean): Promise<Run> {
  return vi.waitFor(
    async () => {
      const run = await errand.getRun(runId);
      if (!isSo(run)) throw new Error(`not yet: ${JSON.stringify(run)}`);
      return run;
    },
    { timeout: 10_000, interval: 10 },
  );
}

const ASK: NodeSpec = { id: 'ask', kind: 'ask', question: 'Go on?', answer: { type: 'boolean' } };
const approval = workflow('approval', [ASK], { result: { said: '{{ nodes.ask.output }}' }, credits: 5 });

describe('runs that wait', () => {
  it('hold no place of those that work', async () => {
    const quick = workflow('quick', [{ id: 'a', kind: 'transform', with: 1 }]);
    const errand = await start([approval, quick], { maxActiveRuns: 2 });
    const asking = await Promise.all(Array.from({ length: 20 }, () => errand.runWorkflow('approval')));
    const { id } = await errand.runWorkflow('quick');
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', output: 1 });
    const ended = await Promise.all(
      asking.map(async (run) => {
        await until(errand, run.id, (now) => nodeOf(now, 'ask')?.status === 'waiting');
        await errand.answerRun(run.id, 'ask', true);
        return errand.waitForRun(run.id);
      }),
    );
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['completed']));
  });

  it('are answered once, by what fits, also after a restart', async () => {
    const before = await start([approval]);
    const { id } = await before.runWorkflow('approval');
    await until(before, id, (run) => nodeOf(run, 'ask')?.status === 'waiting');
    await before.close({ graceMs: 0 });
    const errand = await start([approval]);
    await expect(errand.answerRun(id, 'ask', 'yes')).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: '', message: expect.stringMatching(/boolean/) as string }],
    });
    await expect(errand.answerRun(id, 'nope', true)).rejects.toMatchObject({ code: 'not_found' });
    const answered = await errand.answerRun(id, 'ask', false);
    expect(nodeOf(answered, 'ask')).not.toHaveProperty('question');
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', output: { said: false } });
    await expect(errand.answerRun(id, 'ask', true)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('give back what they hold when they are cancelled', async () => {
    const errand = await start([approval]);
    const { id } = await errand.runWorkflow('approval');
    await until(errand, id, (run) => nodeOf(run, 'ask')?.status === 'waiting');
    expect((await errand.getCredits()).reserved).toBe(5);
    expect(await errand.cancelRun(id)).toMatchObject({ status: 'cancelled' });
    expect(await errand.getCredits()).toMatchObject({ reserved: 0, usedThisMonth: 0 });
  });

  it('wake at their time though the server was down then', async () => {
    const pause = workflow('pause', [{ id: 'pause', kind: 'wait', for: '1500ms' }]);
    const before = await start([pause]);
    const { id } = await before.runWorkflow('pause');
    await until(before, id, (run) => nodeOf(run, 'pause')?.status === 'waiting');
    await before.close({ graceMs: 0 });
    const errand = await start([pause]);
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed' });
  });
});

describe('runs that start runs', () => {
  const child = workflow('child', [ASK], { credits: 3, result: '{{ nodes.ask.output }}' });
  const parent = workflow(
    'parent',
    [{ id: 'sub', kind: 'workflow', workflow: 'child', role: 'sub', label: 'Sub', with: { n: 1 } }],
    { credits: 2 },
  );

  async function startParent(errand: Errand): Promise<{ id: string; childId: string }> {
    const { id } = await errand.runWorkflow('parent', {}, { instruction: 'be kind', priority: 'high' });
    const run = await until(errand, id, (now) => nodeOf(now, 'sub')?.childRunId !== undefined);
    const childId = nodeOf(run, 'sub')?.childRunId ?? '';
    await until(errand, childId, (now) => nodeOf(now, 'ask')?.status === 'waiting');
    return { id, childId };
  }

  it('see each other, and each costs what its workflow costs', async () => {
    const errand = await start([parent, child], { maxActiveRuns: 1 });
    const { id, childId } = await startParent(errand);
    const started = await errand.getRun(childId);
    expect(started.parent).toEqual({ runId: id, nodeId: 'sub', depth: 1 });
    expect(started.priority).toBe((await errand.getRun(id)).priority);
    expect((await errand.getCredits()).reserved).toBe(5);
    await errand.answerRun(childId, 'ask', true);
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', output: true });
    expect(await errand.getCredits()).toMatchObject({ reserved: 0, usedThisMonth: 5 });
  });

  it('do not take a run for their child that a caller has started under a key of theirs', async () => {
    const wait: NodeSpec = { id: 'pause', kind: 'wait', for: '300ms' };
    const sub: NodeSpec = { id: 'sub', kind: 'workflow', workflow: 'child', needs: ['pause'], with: { n: 1 } };
    const cheat = workflow('cheat', [{ id: 'a', kind: 'transform', with: true }]);
    const errand = await start([workflow('parent', [wait, sub]), child, cheat]);
    const { id } = await errand.runWorkflow('parent');
    const taken = await errand.runWorkflow('cheat', {}, { idempotencyKey: `errand:${id}:sub:1` });
    const run = await until(errand, id, (now) => nodeOf(now, 'sub')?.childRunId !== undefined);
    const childId = nodeOf(run, 'sub')?.childRunId ?? '';
    expect(childId).not.toBe(taken.id);
    expect(await errand.getRun(childId)).toMatchObject({ workflowId: 'child', parent: { runId: id } });
    expect((await errand.waitForRun(taken.id)).output).toBe(true);
    await until(errand, childId, (now) => nodeOf(now, 'ask')?.status === 'waiting');
    expect((await errand.getRun(id)).status).toBe('running');
    await errand.cancelRun(id);
  });

  it('pay for their children where these are included', async () => {
    const node = { id: 'sub', kind: 'workflow', workflow: 'child', credits: 'included', with: { n: 1 } };
    const errand = await start([workflow('parent', [node], { credits: 2 }), child]);
    const { id, childId } = await startParent(errand);
    expect(await errand.getCredits()).toMatchObject({ reserved: 2, available: 998 });
    await errand.answerRun(childId, 'ask', true);
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', creditsConsumed: 2 });
    expect(await errand.getRun(childId)).toMatchObject({ creditsReserved: 0, creditsConsumed: 0 });
    expect(await errand.getCredits()).toMatchObject({ reserved: 0, usedThisMonth: 2 });
  });

  it('go on over a restart, with one child', async () => {
    const before = await start([parent, child]);
    const { id, childId } = await startParent(before);
    await before.close({ graceMs: 0 });
    const errand = await start([parent, child]);
    await errand.answerRun(childId, 'ask', false);
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', output: false });
    expect((await errand.listRuns()).total).toBe(2);
  });

  it('take their children with them', async () => {
    const errand = await start([parent, child]);
    const { id, childId } = await startParent(errand);
    await errand.cancelRun(id);
    expect(await errand.waitForRun(childId)).toMatchObject({ status: 'cancelled' });
    expect((await errand.getCredits()).reserved).toBe(0);
  });

  it('fail by what refused their children', async () => {
    const dear = workflow('child', [ASK], { credits: 5_000, input: { type: 'object', required: ['n'] } });
    const errand = await start([
      parent,
      dear,
      workflow('lost', [{ id: 'sub', kind: 'workflow', workflow: '{{ input.which }}' }]),
    ]);
    const tooDear = await errand.waitForRun((await errand.runWorkflow('parent')).id);
    expect(tooDear).toMatchObject({ status: 'failed', error: { kind: 'insufficient_credits', nodeId: 'sub' } });
    const lost = await errand.waitForRun((await errand.runWorkflow('lost', { which: 'no_such' })).id);
    expect(lost).toMatchObject({ status: 'failed', error: { kind: 'not_found', nodeId: 'sub' } });
  });

  it('are checked for the workflows that they name when they are handed over', async () => {
    const lost = workflow('lost', [{ id: 'sub', kind: 'workflow', workflow: 'parnt' }]);
    await expect(createErrand({ workflows: [parent, child, lost] })).rejects.toMatchObject({
      code: 'invalid_definition',
      problems: [{ path: 'nodes[0].workflow', message: 'there is no workflow with this id; did you mean "parent"?' }],
    });
  });

  it('stop calling themselves at some depth', async () => {
    const again = workflow('again', [{ id: 'sub', kind: 'workflow', workflow: 'again' }], { credits: 1 });
    const errand = await start([again]);
    const run = await errand.waitForRun((await errand.runWorkflow('again')).id);
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'too_deep' } });
    expect((await errand.listRuns()).total).toBe(11);
  });
});
