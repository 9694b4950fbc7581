import { expect, vi } from 'vitest';
import type { ApiRun, ApiRunListItem } from '../../../src/api/api-types.js';
import type { ServerProcess } from './server-process.js';

export async function startRun(server: ServerProcess, workflowId: string, input: object = {}): Promise<string> {
  const { status, body } = await server.api('/runs', { method: 'POST', body: { workflow_id: workflowId, input } });
  expect(status).toBe(201);
  return String(body['run_id']);
}

export async function waitForEnd(server: ServerProcess, runId: string): Promise<ApiRun> {
  for (;;) {
    const { body } = await server.api(`/runs/${runId}?wait_seconds=20`);
    if (body['terminal'] === true) return body as unknown as ApiRun;
  }
}

/** All runs that a tag finds, newest first, once as many as that have come to stand so. */
export async function waitForTagged(
  server: () => ServerProcess,
  tag: string,
  { count, stands }: { readonly count: number; readonly stands: (run: ApiRunListItem) => boolean },
): Promise<readonly ApiRunListItem[]> {
  const runs: ApiRunListItem[] = [];
  await vi.waitFor(
    async () => {
      runs.length = 0;
      for (let before = ''; ;) {
        const { body } = await server().api(`/runs?tag=${tag}&limit=100${before}`);
        runs.push(...(body['runs'] as ApiRunListItem[]));
        const next = body['next_before'] as string | null;
        if (next === null) break;
        before = `&before=${next}`;
      }
      expect(runs.filter(stands)).toHaveLength(count);
    },
    { timeout: 60_000, interval: 200 },
  );
  return runs;
}
