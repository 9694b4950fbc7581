import { describe, expect, it } from 'vitest';
import { createErrand, type Errand } from '../../../app/create-errand.js';
import type { Run } from '../../../core/run/run.js';
import { defineWorkflow } from '../../../workflow/define-workflow.js';

setUp();
import {
  calls,
  failing,
  assembly,
  caller,
  code,
  take,
  start,
  ended,
  retry,
  statuses,
  setUp,
} from '../../../../test/support/runs/second-chances-under-test.js';

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
