import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-shared-budget-'));
  const page = readFileSync(join(repository, 'docs', 'credits.md'), 'utf8');
  for (const [, text = '', id = ''] of page.matchAll(/```yaml\n(id: (\w+)\n[\s\S]+?)```/g))
    writeFileSync(join(folder, `${id}.yaml`), text);
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
}, 30_000);
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('the shared budget of docs/credits.md', () => {
  it('lets a run start what its credits cover, and refuses the rest with budget_exceeded', async () => {
    const run = await waitForEnd(server, await startRun(server, 'campaign', { customers: ['a', 'b'] }));
    expect(run.nodes.map(({ id, status, error }) => [id, status, error?.kind ?? null])).toEqual([
      ['first', 'completed', null],
      ['second', 'completed', null],
      ['third', 'failed', 'budget_exceeded'],
    ]);
    expect(run).toMatchObject({ status: 'completed', credits_consumed: 5 });
    // 5 of the run, and 2 + 2 × 0.5 of each of the two that it started.
    expect((await server.api('/credits')).body).toMatchObject({ reserved: 0, used_this_month: 11 });
  });
});
