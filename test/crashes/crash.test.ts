import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startSampleSite } from '../../src/demo/sample-site/site.js';
import { ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

interface ApiEvent {
  readonly kind: string;
  readonly node_id: string | null;
}

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'errand-crash-'));
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function serve(options: Parameters<typeof ServerProcess.start>[0]): Promise<ServerProcess> {
  const server = await ServerProcess.start(options);
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

async function eventsOf(server: ServerProcess, runId: string): Promise<ApiEvent[]> {
  const { body } = await server.api(`/runs/${runId}/events?limit=1000`);
  return body['events'] as ApiEvent[];
}

/** Polls until the condition holds; the pause leaves the processor to the server. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const CHECKUPS = 3;

describe('a server that is killed with SIGKILL', () => {
  it(
    'in the middle of checkups ends every one of them after a restart, and the credits add up',
    { timeout: 480_000 },
    async () => {
      const data = temporaryFolder();
      const site = await startSampleSite();
      cleanUps.push(() => site.close());
      const env = { ERRAND_BOOTSTRAP_CREDITS: '2000', ERRAND_OUTBOUND_ALLOW: '127.0.0.1' };
      const first = await serve({ data, env });
      const runIds = await Promise.all(
        Array.from({ length: CHECKUPS }, () => startRun(first, 'site_checkup', { url: site.url, max_pages: 4 })),
      );
      // Some have crawled, some agents have ended, none of the runs is through with all.
      await until(async () => {
        const events = await eventsOf(first, runIds[0] ?? '');
        return events.some((event) => event.kind === 'node.completed');
      });
      await first.end('SIGKILL');

      const second = await serve({ data, env });
      let resumed = 0;
      for (const runId of runIds) {
        const run = await waitForEnd(second, runId);
        // First of all, as it says why.
        expect(run.nodes.flatMap(({ id, error }) => (error === null ? [] : [{ id, error }]))).toEqual([]);
        expect(run).toMatchObject({ run_id: runId, status: 'completed', credits_consumed: 25 });
        const events = await eventsOf(second, runId);
        for (const kind of ['run.started', 'run.completed']) {
          expect(events.filter((event) => event.kind === kind)).toHaveLength(1);
        }
        for (const nodeId of new Set(events.flatMap((event) => event.node_id ?? []))) {
          const ofNode = events.filter((event) => event.node_id === nodeId).map((event) => event.kind);
          expect(ofNode.filter((kind) => kind === 'node.completed')).toHaveLength(1);
          expect(ofNode.lastIndexOf('node.started')).toBeLessThan(ofNode.indexOf('node.completed'));
          if (ofNode.filter((kind) => kind === 'node.started').length > 1) resumed += 1;
        }
      }
      expect(resumed).toBeGreaterThan(0);
      const { body: credits } = await second.api('/credits');
      expect(credits).toMatchObject({ used_this_month: CHECKUPS * 25, reserved: 0, available: 2_000 - CHECKUPS * 25 });
      const { body: ledger } = await second.api('/credits/movements?limit=1000');
      const movements = ledger['movements'] as { reserved_delta: number; used_delta: number }[];
      expect(movements).toHaveLength(2 * CHECKUPS);
      expect(movements.reduce((sum, row) => sum + row.reserved_delta, 0)).toBe(0);
      expect(movements.reduce((sum, row) => sum + row.used_delta, 0)).toBe(CHECKUPS * 25);
    },
  );

  it('again and again never runs a node anew whose dependants had begun', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const journal = join(folder, 'journal');
    const workflows = join(folder, 'workflows');
    mkdirSync(workflows);
    writeFileSync(journal, '');
    writeFileSync(
      join(workflows, 'note.mjs'),
      `import { appendFileSync } from 'node:fs';
       export default async ({ node, run, input, signal }) => {
         appendFileSync(${JSON.stringify(journal)}, run.id + ' ' + node.id + '\\n');
         await new Promise((resolve) => setTimeout(resolve, input.ms));
         return node.id;
       };`,
    );
    const node = (id: string, needs: string): string =>
      `  - { id: ${id}, kind: code, uses: ./note.mjs, needs: [${needs}], with: { ms: '{{ input.ms }}' } }\n`;
    writeFileSync(
      join(workflows, 'chain.yaml'),
      `id: chain\nname: Chain\ndescription: Four nodes in a row.\ncredits: 1\nnodes:\n${node('a', '')}${node('b', 'a')}${node('c', 'b')}${node('d', 'c')}`,
    );
    const data = join(folder, 'data');
    const runIds: string[] = [];
    // It is not the runs that end these servers.
    const env = { ERRAND_MAX_CRASHES: '0' };
    let server = await serve({ data, workflows, env });
    for (let life = 0; life < 6; life += 1) {
      const size = readFileSync(journal).length;
      runIds.push(
        ...(await Promise.all(Array.from({ length: 20 }, (_, n) => startRun(server, 'chain', { ms: n * 7 })))),
      );
      await until(async () => readFileSync(journal).length > size + 40 * (30 + life * 5));
      await server.end('SIGKILL');
      server = await serve({ data, workflows, env });
    }
    for (const runId of runIds)
      expect(await waitForEnd(server, runId)).toMatchObject({ status: 'completed', output: 'd' });
    const begun = new Map<string, string>();
    for (const line of readFileSync(journal, 'utf8').trim().split('\n')) {
      const [runId = '', nodeId = ''] = line.split(' ');
      expect(nodeId >= (begun.get(runId) ?? 'a')).toBe(true);
      begun.set(runId, nodeId);
    }
    expect(begun.size).toBe(runIds.length);
    const { body: credits } = await server.api('/credits');
    expect(credits).toMatchObject({ used_this_month: runIds.length, reserved: 0 });
  });
});

describe('a server that is asked to stop', () => {
  it(
    'lets a running node finish, leaves the next to the next start, and exits with 0',
    { timeout: 60_000 },
    async () => {
      const folder = temporaryFolder();
      const workflows = join(folder, 'workflows');
      mkdirSync(workflows);
      writeFileSync(
        join(workflows, 'slow.mjs'),
        `export default async ({ progress, attempt }) => {
         progress(50, 'half way');
         await new Promise((resolve) => setTimeout(resolve, 1500));
         return attempt;
       };`,
      );
      writeFileSync(
        join(workflows, 'slow.yaml'),
        `id: slow\nname: Slow\ndescription: Two slow nodes.\nnodes:\n  - { id: one, kind: code, uses: ./slow.mjs }\n  - { id: two, kind: code, uses: ./slow.mjs, needs: [one] }\n`,
      );
      const data = join(folder, 'data');
      const first = await serve({ data, workflows });
      const runId = await startRun(first, 'slow', {});
      await until(async () => (await eventsOf(first, runId)).some((event) => event.kind === 'node.progress'));
      expect(await first.end('SIGTERM')).toBe(0);

      const second = await serve({ data, workflows });
      expect(await waitForEnd(second, runId)).toMatchObject({ status: 'completed' });
      const kinds = (await eventsOf(second, runId))
        .filter((event) => event.node_id === 'one')
        .map((event) => event.kind);
      expect(kinds.filter((kind) => kind === 'node.started')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'node.completed')).toHaveLength(1);
    },
  );

  it('keeps its data and does not print the key again', async () => {
    const data = join(temporaryFolder(), 'data');
    const chosen = { ERRAND_BOOTSTRAP_KEY: '' };
    const first = await serve({ data, env: chosen });
    await until(async () => first.output.includes('Ctrl-C stops it'));
    const key = /sk_live_\w{32}/.exec(first.output)?.[0] ?? '';
    expect(key).toHaveLength(40);
    expect((await first.api('/workflows', { key })).status).toBe(200);
    await first.end('SIGTERM');
    const second = await serve({ data, env: chosen });
    await until(async () => second.output.includes('Ctrl-C stops it'));
    expect(second.output).not.toContain('sk_live_');
    expect((await second.api('/workflows', { key })).status).toBe(200);
  });
});
