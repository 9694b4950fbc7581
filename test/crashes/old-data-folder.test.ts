import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { repository, ServerProcess } from '../support/server/server-process.js';
import { waitForEnd } from '../support/server/server-runs.js';

/**
 * What fixtures/data-folder/make.mjs has written: a folder of an earlier program that was killed, and what that had
 * answered before.
 */
interface Fixture {
  readonly key: string;
  readonly acmeKey: string;
  readonly secretKey: string;
  /** Ids by name. */
  readonly runs: { readonly [name: string]: string };
  /** By path. */
  readonly answers: { readonly [path: string]: unknown };
  readonly handlers: { readonly [file: string]: string };
  /** Base64. */
  readonly database: string;
}

const fixtureFolder = join(repository, 'test', 'fixtures', 'data-folder');
const fixture = JSON.parse(gunzipSync(readFileSync(join(fixtureFolder, 'data.json.gz'))).toString()) as Fixture;

describe('a data folder that an earlier program wrote until it was killed', () => {
  let folder: string;
  let models: ModelServer;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-old-data-'));
    const data = join(folder, 'data');
    mkdirSync(join(data, 'handlers'), { recursive: true });
    writeFileSync(join(data, 'errand.db'), Buffer.from(fixture.database, 'base64'));
    for (const [name, code] of Object.entries(fixture.handlers)) writeFileSync(join(data, 'handlers', name), code);
    models = await startModelServer({ script: () => 'Noted in a later life.' });
    server = await ServerProcess.start({
      data,
      workflows: join(fixtureFolder, 'workflows'),
      env: {
        ERRAND_SECRET_KEY: fixture.secretKey,
        ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini',
        ERRAND_MUTATING_CALLS_PER_MINUTE: '1000',
        OPENAI_API_KEY: 'sk-test',
        OPENAI_BASE_URL: models.url,
      },
    });
  }, 60_000);

  afterAll(async () => {
    await server?.end('SIGKILL');
    await models?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const runId = (name: string): string => fixture.runs[name] ?? '';
  const ended = (name: string) => waitForEnd(server, runId(name));
  const post = async (path: string, body: object = {}): Promise<number> =>
    (await server.api(path, { method: 'POST', body })).status;

  async function kindsOf(name: string): Promise<readonly string[]> {
    const { body } = await server.api(`/runs/${runId(name)}/events?limit=1000`);
    return (body['events'] as { kind: string; node_id: string | null }[]).map(({ kind, node_id: node }) =>
      node === null ? kind : `${kind} ${node}`,
    );
  }

  // First: everything below changes something.
  it.each(Object.keys(fixture.answers).filter((path) => !/\?status=|\/movements|\/usage/.test(path)))(
    'answers %s as before',
    async (path) => {
      const { status, body } = await server.api(path);
      expect(status).toBe(200);
      expect(body).toMatchObject(withoutUse(fixture.answers[path]));
    },
  );

  it('goes on with the runs that were under way', { timeout: 60_000 }, async () => {
    expect(await ended('hanging')).toMatchObject({ status: 'completed', output: 'of the first life' });
    expect((await ended('hanging')).nodes[1]).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await kindsOf('hanging')).filter((kind) => kind === 'node.started before')).toHaveLength(1);
    expect(await ended('mapping')).toMatchObject({ output: ['a at first', 'b at first', 'hangs later', 'c at first'] });
    expect(await ended('on_version_1')).toMatchObject({ workflow_version: 1, output: { input: 'version 1' } });
    expect(await ended('on_version_2')).toMatchObject({ workflow_version: 2, output: { input: 'version 2' } });
    expect(await ended('waiting')).toMatchObject({ status: 'completed', output: 'done' });
    const again = { attempt: 2, idempotencyKey: expect.stringContaining(':again') };
    expect(await ended('retrying')).toMatchObject({ status: 'completed', output: again });
  });

  it('goes on with an agent without asking the model again what it had answered', async () => {
    expect(await ended('thinking')).toMatchObject({ output: 'Noted in a later life.', usage: { calls: 2 } });
    expect(models.requests).toHaveLength(1);
    expect(JSON.stringify(models.requests[0]?.messages)).toContain('a note');
    const path = Object.keys(fixture.answers).find((one) => one.startsWith('/usage')) ?? '';
    const before = fixture.answers[path] as { total: { calls: number } };
    const { body } = await server.api(path);
    // What the call of now has used counts in this month.
    expect((body['total'] as { calls: number }).calls).toBeGreaterThanOrEqual(before.total.calls);
  });

  it('takes the answers that runs wait for, also through a run that another one started', async () => {
    expect(await post(`/runs/${runId('asking')}/nodes/question/answer`, { answer: 'this' })).toBe(200);
    expect(await ended('asking')).toMatchObject({ output: 'They say this' });
    expect(await post(`/runs/${runId('child')}/nodes/question/answer`, { answer: 'that' })).toBe(200);
    expect(await ended('parent')).toMatchObject({ status: 'completed', output: 'They say that!' });
  });

  it('cancels a run that waits', async () => {
    expect(await post(`/runs/${runId('waiting_long')}/cancel`)).toBe(200);
    expect(await ended('waiting_long')).toMatchObject({ status: 'cancelled', nodes: [{ status: 'cancelled' }, {}] });
  });

  it('retries a failed run from what failed, with the steps that were done and the nodes that its failure skipped', async () => {
    for (const name of ['failed', 'failed_again', 'rerun']) {
      expect(await post(`/runs/${runId(name)}/retry`)).toBe(200);
      const run = await ended(name);
      expect(run).toMatchObject({ status: 'completed', output: 'later', credits_consumed: 10 });
      expect(run.nodes.map(({ id, status }) => `${id} ${status}`)).toEqual([
        'kept completed',
        'unwanted skipped',
        'steps completed',
        'after completed',
        'later completed',
      ]);
      const { body } = await server.api(`/runs/${runId(name)}/events?limit=1000`);
      const events = body['events'] as { kind: string; node_id: string | null; data: { output?: unknown } }[];
      const end = events.findLast(({ kind, node_id: node }) => kind === 'node.completed' && node === 'after');
      expect(end?.data.output).toBe('of the first life');
      expect(events.filter(({ kind, node_id: node }) => kind === 'node.skipped' && node === 'unwanted')).toHaveLength(
        1,
      );
    }
  });

  it('retries runs that were cancelled or completed in part', async () => {
    for (const name of ['partial', 'partial_retried']) {
      expect(await post(`/runs/${runId(name)}/retry`)).toBe(200);
      expect(await ended(name)).toMatchObject({ status: 'completed', output: 'completed', credits_consumed: 10 });
    }
    expect(await post(`/runs/${runId('cancelled_at_work')}/retry`)).toBe(200);
    expect(await ended('cancelled_at_work')).toMatchObject({ status: 'completed', output: 'of the first life' });
    expect(await post(`/runs/${runId('completed')}/retry`)).toBe(409);
  });

  it('reruns a run from a node on, with what the others had come to', async () => {
    const { status, body } = await server.api(`/runs/${runId('cancelled_at_work')}/rerun`, {
      method: 'POST',
      body: { from_node: 'hangs' },
    });
    expect(status).toBe(201);
    const run = await waitForEnd(server, String(body['run_id']));
    expect(run).toMatchObject({
      status: 'completed',
      rerun_of: { run_id: runId('cancelled_at_work'), from_node: 'hangs' },
    });
    expect((await server.api(`/runs/${runId('completed')}/rerun`, { method: 'POST', body: {} })).status).toBe(201);
  });

  it('gives the run of an idempotency key that was used', async () => {
    const body = { workflow_id: 'completes', input: { what: 'coffee' }, idempotency_key: 'once' };
    const again = await server.api('/runs', { method: 'POST', body });
    expect(again).toMatchObject({ status: 200, body: { run_id: runId('completed') } });
  });

  it('knows the keys and credits of every organization', async () => {
    const { status, body } = await server.api(`/runs/${runId('of_acme')}`, { key: fixture.acmeKey });
    expect([status, body['status']]).toEqual([200, 'completed']);
    expect((await server.api(`/runs/${runId('of_acme')}`)).status).toBe(404);
    const credits = await server.api('/credits', { key: fixture.acmeKey });
    expect(credits.body).toMatchObject({ monthly_limit: 50, reserved: 0 });
    const movements = await server.api('/credits/movements?limit=1000');
    const before = fixture.answers['/credits/movements?limit=1000'] as { movements: { id: string }[] };
    const ids = new Set((movements.body['movements'] as { id: string }[]).map(({ id }) => id));
    expect(before.movements.filter(({ id }) => !ids.has(id))).toEqual([]);
  });

  it('has settled every run, each once', async () => {
    for (const name of Object.keys(fixture.runs)) if (name !== 'of_acme') await ended(name);
    const { body } = await server.api('/runs?limit=100');
    for (const { run_id: id } of body['runs'] as { run_id: string }[]) await waitForEnd(server, id);
    const { body: credits } = await server.api('/credits');
    expect(credits['reserved']).toBe(0);
  });
});

/** Keys tell when they were last used, which is now. */
function withoutUse(body: unknown): object {
  return JSON.parse(
    JSON.stringify(body, (name, value: unknown) => (name === 'last_used_at' ? undefined : value)),
  ) as object;
}
