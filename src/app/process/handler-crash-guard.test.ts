import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ServerProcess } from '../../../test/support/server/server-process.js';

const workflow = (isolation: string): string => `id: careless
name: Careless
description: Lets go of what then fails.
isolation: ${isolation}
nodes:
  - { id: a, kind: code, uses: './handler.ts', with: '{{ input }}' }
result: '{{ nodes.a.output }}'
`;

const HANDLER = `import { setTimeout as pause } from 'node:timers/promises';
export default async function careless({ input }: { input: { how: string; ms: number } }) {
  if (input.how === 'promise') void Promise.reject(new Error('nobody awaits a promise'));
  else setTimeout(() => { throw new Error('nobody awaits a timer'); }, 1);
  await pause(input.ms);
  return 'done';
}
`;

/** A handler that ends with what it let go of is given time to be ended; another need not be waited for. */
async function runCareless(isolation: 'inline' | 'process', how: string) {
  const ms = isolation === 'process' ? 10_000 : 20;
  const folder = mkdtempSync(join(tmpdir(), 'errand-careless-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'workflow.yaml'), workflow(isolation));
  writeFileSync(join(folder, 'handler.ts'), HANDLER);
  const server = await ServerProcess.start({ data: join(folder, '.data'), workflows: folder });
  onTestFinished(async () => void (await server.end('SIGKILL')));
  const { body } = await server.api('/runs', {
    method: 'POST',
    body: { workflow_id: 'careless', input: { how, ms }, wait_seconds: 20 },
  });
  return { server, body };
}

it.each(['promise', 'timer'])('keeps serving when a handler in it lets go of a %s that fails', async (how) => {
  const { server, body } = await runCareless('inline', how);
  expect(body).toMatchObject({ status: 'completed', output: 'done' });
  expect(server.output).toContain(`nobody awaits a ${how}`);
  expect(await server.end('SIGTERM')).toBe(0);
});

it.each(['promise', 'timer'])('fails the node of a handler beside it that lets go of a %s that fails', async (how) => {
  const { server, body } = await runCareless('process', how);
  expect(body).toMatchObject({ status: 'failed', error: { kind: 'crashed', node_id: 'a' } });
  expect(server.output).toContain(`nobody awaits a ${how}`);
  expect(await server.end('SIGTERM')).toBe(0);
});
