import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import type { ApiCredits } from '../../src/api/credit-types.js';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun } from '../support/server/server-runs.js';

const FLOWS = {
  'outer.yaml': `
id: outer
name: Outer
description: Has another workflow ask.
credits: 2
nodes:
  - { id: before, kind: wait, for: '{{ input.pause }}' }
  - { id: sub, kind: workflow, needs: [before], workflow: inner, with: { n: '{{ input.n }}' } }
  - { id: after, kind: wait, needs: [sub], for: '{{ input.pause }}' }
result: { said: '{{ nodes.sub.output }}', n: '{{ input.n }}' }
`,
  'inner.yaml': `
id: inner
name: Inner
description: Asks.
credits: 3
nodes:
  - { id: ask, kind: ask, question: 'Which for {{ input.n }}?', answer: { type: integer } }
`,
};
const RUNS = 20;
const KILLS = 4;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(
  'a server that is killed again and again keeps every answer that it took, starts one child for each node, and ends every run',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-waiting-crash-'));
    cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(FLOWS)) writeFileSync(join(folder, name), text);
    const start = async (): Promise<ServerProcess> => {
      const started = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
      cleanUps.push(() => started.end('SIGKILL'));
      return started;
    };
    let server = await start();
    const runIds: string[] = [];
    for (let n = 0; n < RUNS; n += 1) {
      const input = { n, pause: (n % 4) * 400 };
      runIds.push(await startRun(server, 'outer', input));
    }

    /** What the server has said that it took, by the child's id. */
    const taken = new Map<string, number>();
    const read = async (runId: string): Promise<ApiRun> =>
      (await server.api(`/runs/${runId}`)).body as unknown as ApiRun;
    const answerOne = async (runId: string, answer: number): Promise<void> => {
      const childId = (await read(runId)).nodes[1]?.child_run_id ?? null;
      if (childId === null || taken.has(childId)) return;
      const { status } = await server.api(`/runs/${childId}/nodes/ask/answer`, { method: 'POST', body: { answer } });
      if (status === 200) taken.set(childId, answer);
    };
    const answerAll = async (from: number, to: number): Promise<void> => {
      // A call that the kill cuts off says nothing: the answer may have been taken or not.
      for (const [index, runId] of runIds.entries()) {
        if (index >= from && index < to) await answerOne(runId, 1_000 * from + index).catch(() => undefined);
      }
    };
    while (taken.size === 0) await answerAll(0, 5);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const answering = answerAll((kill - 1) * 5, kill * 5 + 10);
      await pause(40 + kill * 60);
      await server.end('SIGKILL');
      await answering;
      server = await start();
    }

    for (let ended = 0; ended < RUNS;) {
      await answerAll(0, RUNS);
      ended = 0;
      for (const runId of runIds) if ((await read(runId)).terminal) ended += 1;
    }
    for (const [n, runId] of runIds.entries()) {
      const run = await read(runId);
      expect(run).toMatchObject({ status: 'completed', output: { n }, credits_consumed: 2 });
      const childId = run.nodes[1]?.child_run_id ?? '';
      const child = await read(childId);
      expect(child).toMatchObject({
        status: 'completed',
        parent: { run_id: runId, node_id: 'sub' },
        credits_consumed: 3,
      });
      expect(run.output).toEqual({ n, said: child.output });
      expect([child.output, taken.get(childId) ?? child.output]).toEqual([child.output, child.output]);
    }
    const { body: listed } = await server.api('/runs?workflow_id=inner&limit=1');
    expect(listed['total']).toBe(RUNS);
    const credits = (await server.api('/credits')).body as unknown as ApiCredits;
    expect(credits).toMatchObject({ reserved: 0, used_this_month: RUNS * 5 });
  },
);
