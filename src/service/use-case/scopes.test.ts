import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../../../test/support/http/native-stack.js';
import { isErrandError } from '../../core/errors.js';
import type { Principal, Scope } from '../../core/tenant/principal.js';

let stack: NativeStack;
beforeAll(async () => {
  stack = await startNativeStack();
});
afterAll(() => stack.close());

/** Who may read, start, answer and cancel, of an organization that has a run which asks. */
async function rightsOf(scopes: readonly Scope[], isGrant = false): Promise<string[]> {
  const { caller: full } = await stack.newCaller();
  const { run } = await stack.services.runWorkflow(full, { workflowId: 'release', input: {} });
  await expect
    .poll(async () => (await stack.services.getRun(full, { runId: run.id })).nodes[0]?.question)
    .toBeDefined();
  const caller: Principal = { ...full, scopes, ...(isGrant ? { isGrant } : {}) };
  const { services } = stack;
  const calls: { readonly [name: string]: () => Promise<unknown> } = {
    read: async () => {
      await services.listWorkflows(caller);
      await services.getRun(caller, { runId: run.id });
      await services.listRuns(caller, { limit: 1, offset: 0 });
      await services.getCredits(caller);
    },
    start: () => services.runWorkflow(caller, { workflowId: 'greet', input: { name: 'Ada' } }),
    answer: () => services.answerRun(caller, { runId: run.id, nodeId: 'approve', answer: { approved: true } }),
    rerun: () => services.rerun(caller, { runId: run.id }),
    cancel: async () => {
      const { run: other } = await services.runWorkflow(full, { workflowId: 'release', input: {} });
      await services.cancelRun(caller, { runId: other.id });
    },
    manage: () => services.listKeys(caller, {}),
  };
  const allowed: string[] = [];
  const others = new Set<unknown>();
  for (const [name, call] of Object.entries(calls)) {
    const refusal = await call().then(
      () => null,
      (error: unknown) => (isErrandError(error) ? error.code : error),
    );
    if (refusal === null) allowed.push(name);
    else others.add(refusal);
  }
  expect([...others].filter((code) => code !== 'forbidden')).toEqual([]);
  return allowed;
}

describe('a scope', () => {
  it('lets a key do what it says, and no more', async () => {
    expect(await rightsOf(['read'])).toEqual(['read']);
    expect(await rightsOf(['run'])).toEqual(['read', 'start', 'answer', 'rerun', 'cancel']);
    expect(await rightsOf(['read', 'approve'])).toEqual(['read', 'answer']);
    expect(await rightsOf(['manage'])).toEqual(['manage']);
    expect(await rightsOf([])).toEqual([]);
  });

  it('of a grant answers nothing that people are asked without "approve"', async () => {
    expect(await rightsOf(['read', 'run'], true)).toEqual(['read', 'start', 'rerun', 'cancel']);
    expect(await rightsOf(['read', 'run', 'approve'], true)).toEqual(['read', 'start', 'answer', 'rerun', 'cancel']);
  });

  it('that a grant lacks is told with all that the client is to ask for', async () => {
    const { caller } = await stack.newCaller();
    const grant: Principal = { ...caller, scopes: ['read'], isGrant: true };
    await expect(stack.services.listKeys(grant, {})).rejects.toMatchObject({
      code: 'forbidden',
      details: { needed_scope: 'read run manage' },
    });
  });
});
