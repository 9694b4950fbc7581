import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ApiRun } from '../../src/api/api-types.js';
import { renderRunId } from '../../src/core/render/run-id.js';
import { hashEntry } from '../../src/core/audit/chain-entry.js';
import type { RunEvent } from '../../src/core/run/events.js';
import type { Run } from '../../src/core/run/run.js';
import type { Store } from '../../src/core/ports/store/store.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

const FLOWS = {
  asks: `[{ id: ok, kind: ask, question: 'Well?', answer: { type: boolean } }]`,
  fails: `[{ id: no, kind: transform, with: "{{ $error('no') }}" }]`,
};
const OF_EACH = 20;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A server with runs that ask, and runs that have failed. */
async function serveRuns(folder: string) {
  mkdirSync(join(folder, 'workflows'));
  for (const [id, nodes] of Object.entries(FLOWS)) {
    writeFileSync(join(folder, 'workflows', `${id}.yaml`), `id: ${id}\nname: N\ndescription: D.\nnodes: ${nodes}\n`);
  }
  const server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows') });
  cleanUps.push(() => server.end('SIGKILL'));
  const start = (workflow: string): Promise<string[]> =>
    Promise.all(Array.from({ length: OF_EACH }, () => startRun(server, workflow)));
  const [answered, cancelled, failed] = [await start('asks'), await start('asks'), await start('fails')];
  for (const runId of failed) await waitForEnd(server, runId);
  for (const runId of answered) {
    const asks = async (): Promise<unknown> =>
      ((await server.api(`/runs/${runId}`)).body as unknown as ApiRun).nodes[0]?.question?.message;
    await expect.poll(asks).toBe('Well?');
  }
  return { server, answered, cancelled, failed };
}

/** What the logs say that was done to runs, and what the trail says; each by the run. */
async function readBoth(store: Store): Promise<{ readonly done: string[]; readonly told: string[] }> {
  const organizationId = (await store.organizations.find({ slug: 'default' }))?.id ?? '';
  const { runs } = await store.runs.list({ organizationId, limit: 1_000, offset: 0 });
  const done: string[] = [];
  for (const { id: runId } of runs) {
    const run = await store.runs.get({ organizationId, runId });
    if (run?.rerunOf !== undefined) done.push(`run.rerun ${runId}`);
    const events = await store.log.list({ runId, afterSeq: 0, limit: 1_000 });
    done.push(...events.flatMap((event) => actionOf(event, run)));
  }
  const trail = await store.audit.list({ organizationId, afterSeq: 0, limit: 1_000 });
  expect(trail.map(({ seq }) => seq)).toEqual(trail.map((_, index) => index + 1));
  expect(trail.map(hashEntry)).toEqual(trail.map(({ hash }) => hash));
  const told = trail.flatMap(({ action, target }) => (target.kind === 'run' ? [`${action} ${target.id}`] : []));
  return { done: done.toSorted(), told: told.toSorted() };
}

function actionOf(event: RunEvent, run: Run | null): string[] {
  if (event.kind === 'run.cancelled') return [`run.cancel ${run?.id}`];
  if (event.kind === 'run.retried') return [`run.retry ${run?.id}`];
  return event.kind === 'node.answered' && event.by === 'caller' ? [`run.answer ${run?.id}`] : [];
}

it.each([1, 8, 25])(
  'what is done to runs, and that it was, are both there or neither, when the server is killed after %d answers',
  { timeout: 60_000 },
  async (kills) => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-audit-crash-'));
    cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
    const { server, answered, cancelled, failed } = await serveRuns(folder);
    const said: string[] = [];
    const act = async (action: string, runId: string, path: string, body: object = {}): Promise<void> => {
      const { status } = await server.api(`/runs/${runId}${path}`, { method: 'POST', body });
      expect(status).toBeLessThan(300);
      said.push(`${action} ${runId}`);
      if (said.length === kills) await server.end('SIGKILL');
    };
    // Whoever is cut off by the kill is told nothing.
    await Promise.allSettled(
      answered.flatMap((runId, index) => [
        act('run.answer', runId, '/nodes/ok/answer', { answer: true }),
        act('run.cancel', cancelled[index] ?? '', '/cancel'),
        act('run.retry', failed[index] ?? '', '/retry'),
        act('run.rerun', failed[index] ?? '', '/rerun'),
      ]),
    );
    await server.ended();

    const store = await openSqliteStore({ path: join(folder, 'data', 'errand.db') });
    cleanUps.push(() => store.close());
    const { done, told } = await readBoth(store);
    expect(told).toEqual(done);
    const shown = told.map((line) => line.replace(/ .*/, (id) => ` ${renderRunId(id.slice(1))}`));
    // Of a rerun, the trail names the new run.
    const promised = said.filter((line) => !line.startsWith('run.rerun'));
    expect(promised.filter((line) => !shown.includes(line))).toEqual([]);
    expect(said.length).toBeGreaterThanOrEqual(kills);
  },
);
