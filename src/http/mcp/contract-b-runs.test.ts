import { describe, expect, it } from 'vitest';
import { KEY_B } from '../../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS, sampleRun } from '../../../test/support/runs/sample-records.js';
import { ErrandError } from '../../core/errors.js';
import {
  fixture,
  type Fields,
  succeed,
  fail,
  CHECKUP,
  setUp,
} from '../../../test/support/contracts/contract-b-under-test.js';

setUp();

describe('contract B, runs', () => {
  const newest = () => fixture.services.newest();

  it('starts one, reserving its credits', async () => {
    expect(await succeed('run_workflow', CHECKUP)).toMatchObject({
      workflowId: 'site_checkup',
      workflowName: 'Site Checkup',
      status: 'pending',
      creditsReserved: 25,
      estimatedDuration: '10-30 s',
    });
    expect(await succeed('get_credits')).toMatchObject({ available: 75, reserved: 25 });
  });

  it('gives a context that the schema does not name to the agents', async () => {
    await succeed('run_workflow', { ...CHECKUP, configuration: { ...CHECKUP.configuration, context: 'Be brief.' } });
    expect(await newest()).toMatchObject({ input: CHECKUP.configuration, instruction: 'Be brief.' });
  });

  it('leaves a context that the schema names where it is', async () => {
    await succeed('run_workflow', { workflowId: 'with_context', configuration: { context: 'Mine.' } });
    expect(await newest()).toMatchObject({ input: { context: 'Mine.' }, instruction: null });
  });

  it('refuses a context that is no text', async () => {
    const error = await fail('run_workflow', {
      ...CHECKUP,
      configuration: { ...CHECKUP.configuration, context: { a: 1 } },
    });
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain('/configuration/context');
    expect(await fixture.services.count()).toBe(0);
  });

  it('ignores companyId, whatever it is', async () => {
    await succeed('run_workflow', { ...CHECKUP, companyId: 'org-b' });
    expect((await newest())?.run.organizationId).toBe('org-a');
    await succeed('list_workflow_runs', { companyId: 5 });
    await succeed('get_credits', { companyId: null });
  });

  it('refuses input that does not fit, naming each path, and leaves no run', async () => {
    const error = await fail('run_workflow', { workflowId: 'site_checkup', configuration: { url: 5 } });
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain('/url');
    expect(await fixture.services.count()).toBe(0);
  });

  it.each([
    ['run_workflow', {}, '/workflowId'],
    ['run_workflow', { workflowId: 5 }, '/workflowId'],
    ['run_workflow', { workflowId: 'site_checkup', configuration: 'x' }, '/configuration'],
    ['get_run_status', {}, '/runId'],
    ['cancel_workflow_run', { runId: [] }, '/runId'],
    ['list_workflow_runs', { limit: 0 }, '/limit'],
    ['list_workflow_runs', { limit: 101 }, '/limit'],
    ['list_workflow_runs', { offset: -1 }, '/offset'],
    ['list_workflow_runs', { status: 'done' }, '/status'],
  ])('refuses wrong arguments of %s: %j', async (tool, args, path) => {
    const error = await fail(tool, args);
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain(path);
  });

  it('says when the credits do not suffice', async () => {
    await fixture.services.setMonthlyLimit(24);
    expect((await fail('run_workflow', CHECKUP)).code).toBe('insufficient_credits');
    expect(await fixture.services.count()).toBe(0);
  });

  it('says when a run cannot be dispatched', async () => {
    fixture.services.stub('runWorkflow', async () => {
      throw new ErrandError('unavailable', 'Shutting down.');
    });
    expect(await fail('run_workflow', CHECKUP)).toEqual({ code: 'unavailable', message: 'Shutting down.' });
  });

  it.each(Object.keys(SAMPLE_RUNS))('shows a run that is %s', async (name) => {
    const run = await fixture.services.put(SAMPLE_RUNS[name as keyof typeof SAMPLE_RUNS]);
    expect(await succeed('get_run_status', { runId: `run_${run.id}` })).toMatchObject({ status: run.status });
  });

  it.each(['get_run_status', 'cancel_workflow_run'])(
    'answers %s the same for a run that is not there, one of another company and a wrong form',
    async (tool) => {
      const runId = `run_${(await fixture.services.put(SAMPLE_RUNS.running)).id}`;
      const foreign = await fail(tool, { runId }, KEY_B);
      await fixture.services.renew();
      expect(await fail(tool, { runId }, KEY_B)).toEqual(foreign);
      expect(foreign.code).toBe('not_found');
      expect((await fail(tool, { runId: SAMPLE_RUNS.running.id })).code).toBe('not_found');
    },
  );

  it('cancels a run that has not ended and no other', async () => {
    const runId = `run_${(await fixture.services.put(SAMPLE_RUNS.running)).id}`;
    expect(await succeed('cancel_workflow_run', { runId })).toMatchObject({ runId, status: 'cancelled' });
    expect((await fail('cancel_workflow_run', { runId })).code).toBe('conflict');
    expect(await succeed('get_run_status', { runId })).toMatchObject({ status: 'cancelled' });
  });

  it('lists runs newest first, filtered and paged', async () => {
    for (let index = 0; index < 25; index++) {
      const id = `0193512f-4d2b-7c3a-9f00-0000000000${String(index).padStart(2, '0')}`;
      await fixture.services.put(sampleRun({ id, status: index % 5 === 0 ? 'running' : 'pending' }));
    }
    const all = await succeed('list_workflow_runs');
    expect(all).toMatchObject({ total: 25, limit: 20, offset: 0 });
    expect((all['runs'] as Fields[])[0]).toMatchObject({ runId: 'run_0193512f-4d2b-7c3a-9f00-000000000024' });
    expect(all['runs']).toHaveLength(20);
    const page = await succeed('list_workflow_runs', { status: 'running', limit: 2, offset: 4 });
    expect(page).toMatchObject({ total: 5, limit: 2, offset: 4, runs: [{ status: 'running' }] });
    expect(await succeed('list_workflow_runs', { workflowId: 'nope' })).toMatchObject({ runs: [], total: 0 });
    expect(await succeed('list_workflow_runs', {}, KEY_B)).toMatchObject({ runs: [], total: 0 });
  });
});
