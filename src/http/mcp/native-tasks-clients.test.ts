import { describe, expect, it } from 'vitest';
import { stack, caller, endCheckup, setUp } from '../../../test/support/http/native-tasks-under-test.js';
import { openHandshakeSession, openStatelessSession } from '../../../test/support/http/task-sessions.js';

setUp();

describe('the Tasks client', () => {
  it.each([
    ['2026-07-28', openStatelessSession],
    ['2025-11-25', openHandshakeSession],
  ])('drives workflows to their end in %s', async (_, open) => {
    const { session, close } = await open({ url: stack.url, headers: caller.headers });
    const task = { task: { preference: 'prefer' } } as const;
    const execution = await session.callTool('checkup', {}, task);
    expect(execution.kind).toBe('task');
    await endCheckup();
    const { outcome } = await execution.settle();
    expect(outcome).toMatchObject({ status: 'completed', result: { structuredContent: { score: 80 } } });
    const failing = await (await session.callTool('fails', {}, task)).settle();
    expect(failing.outcome).toMatchObject({ status: 'completed', result: { isError: true } });
    await session.close();
    await close();
  });

  it('puts a run’s questions before its person', async () => {
    const { session, close } = await openStatelessSession({ url: stack.url, headers: caller.headers });
    const { outcome } = await (await session.callTool('release', {})).settle();
    expect(outcome).toMatchObject({ result: { structuredContent: { approved: true, remark: 'asked' } } });
    await session.close();
    await close();
  });
});
