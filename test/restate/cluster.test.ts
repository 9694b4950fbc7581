import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, type ServerProcess } from '../support/server/server-process.js';
import { type Member, TestCluster } from './test-cluster.js';

type Body = Record<string, unknown>;

let cluster: TestCluster;
let members: readonly [Member, Member, Member];
beforeAll(async () => {
  cluster = await TestCluster.start(3);
  const [a, b, c] = cluster.members;
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
  members = [a, b, c];
}, 180_000);
afterAll(() => cluster.stop());

const servers = (): readonly ServerProcess[] => members.map(({ server }) => server);

async function start(server: ServerProcess, workflow: string, input: Body = {}): Promise<string> {
  const { status, body } = await server.api('/runs', { method: 'POST', body: { workflow_id: workflow, input } });
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return String(body['id'] ?? body['run_id']);
}
const read = async (server: ServerProcess, id: string, query = ''): Promise<Body> =>
  (await server.api(`/runs/${id}${query}`)).body;
const nodesOf = (run: Body): Body[] => run['nodes'] as Body[];
const nodeOf = (run: Body, id: string): Body | undefined => nodesOf(run).find((node) => node['id'] === id);
/** Reads it at one process until it is as it is to be. */
async function until(server: ServerProcess, id: string, holds: (run: Body) => boolean): Promise<Body> {
  let run: Body = {};
  await expect.poll(async () => holds((run = await read(server, id))), { timeout: 60_000, interval: 50 }).toBe(true);
  return run;
}
const isEnded = ({ status }: Body): boolean => status !== 'pending' && status !== 'running';
const isWorking = (run: Body): boolean => nodeOf(run, 'work')?.['status'] === 'running';
const journalOf = (file: string): string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1) ?? '')
    : [];

describe('three processes on one database', () => {
  it('drive runs that any of them accepts, and tell of them at any', async () => {
    const [a, b, c] = servers() as [ServerProcess, ServerProcess, ServerProcess];
    const ids = await Promise.all(
      Array.from({ length: 30 }, (_, index) => start([a, b, c][index % 3] ?? a, 'works', { ms: 10 })),
    );
    for (const id of ids) {
      const run = await read(b, id, '?wait_seconds=25');
      expect(run).toMatchObject({ status: 'completed', output: 'worked' });
      expect(await read(c, id)).toEqual(run);
    }
  });

  it('take on what was published at one of them within a second, and go back', async () => {
    const [a, b, c] = servers() as [ServerProcess, ServerProcess, ServerProcess];
    const publish = (word: string) => {
      const nodes = [{ id: 'say', kind: 'transform', with: word }];
      const definition = { id: 'published', name: 'P', description: 'Says a word.', nodes };
      return a.api('/publications', { method: 'POST', body: { workflows: [{ definition }] } });
    };
    const versionAt = async (server: ServerProcess) => (await server.api('/workflows/published')).body['version'];
    const everywhere = async (version: number | undefined): Promise<void> => {
      await expect
        .poll(async () => Promise.all([versionAt(b), versionAt(c)]), { timeout: 5_000, interval: 20 })
        .toEqual([version, version]);
    };
    await publish('first');
    await everywhere(1);
    await publish('second');
    await everywhere(2);
    expect(await read(c, await start(b, 'published'), '?wait_seconds=25')).toMatchObject({ output: 'second' });
    await c.api('/workflows/published/rollback', { method: 'POST', body: {} });
    await expect.poll(() => versionAt(a), { timeout: 5_000, interval: 20 }).toBe(1);
    expect(await read(a, await start(a, 'published'), '?wait_seconds=25')).toMatchObject({ output: 'first' });
    await a.api('/workflows/published', { method: 'DELETE' });
    await everywhere(undefined);
  });

  it('answer calls that wait for the next change, wherever the run is driven', async () => {
    for (const server of servers()) {
      const id = await start(members[0].server, 'works', { ms: 600 });
      const running = await until(server, id, isWorking);
      const next = await read(server, id, `?wait_seconds=25&since_version=${String(running['version'])}`);
      expect(Number(next['version'])).toBeGreaterThan(Number(running['version']));
      expect(await read(server, id, '?wait_seconds=25')).toMatchObject({ status: 'completed' });
    }
  });

  it('stream the log of a run to its end, each entry once and in order', async () => {
    for (const server of servers()) {
      const id = await start(members[1].server, 'works', { ms: 300 });
      const response = await fetch(`${server.url}/api/v1/runs/${id}/events`, {
        headers: { authorization: `Bearer ${KEY}`, accept: 'text/event-stream' },
      });
      const text = await response.text();
      const seqs = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      expect(text).toContain('run.completed');
    }
  });

  it('cancel a run at any process, while it works and while it waits', async () => {
    for (const server of servers()) {
      const working = await start(members[0].server, 'works', { ms: 60_000 });
      const parked = await start(members[1].server, 'asks');
      await until(server, working, isWorking);
      await until(server, parked, (run) => nodeOf(run, 'beside')?.['status'] === 'completed');
      for (const id of [working, parked]) {
        const { status } = await server.api(`/runs/${id}/cancel`, { method: 'POST', body: {} });
        expect(status).toBe(200);
        for (const other of servers()) expect(await read(other, id)).toMatchObject({ status: 'cancelled' });
      }
    }
  });

  it('take an answer at any process, once, whether the run is driven or parked', async () => {
    for (const server of servers()) {
      for (const ms of [1, 2_500]) {
        const id = await start(members[2].server, 'asks', { ms });
        await until(server, id, (run) => nodeOf(run, 'question')?.['status'] === 'waiting');
        const path = `/runs/${id}/nodes/question/answer`;
        const answers = await Promise.all(
          servers().map((each) => each.api(path, { method: 'POST', body: { answer: each.url } })),
        );
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
        const taken = servers()[answers.findIndex(({ status }) => status === 200)]?.url;
        const run = await read(server, id, '?wait_seconds=25');
        expect(run['status']).toBe('completed');
        const { body } = await server.api(`/runs/${id}/events?limit=100`);
        expect(JSON.stringify(body)).toContain(taken);
      }
    }
  });

  it('retry at any process what has failed', async () => {
    for (const [index, server] of servers().entries()) {
      const id = await start(server, 'fails', { mark: join(cluster.folder, `mark-${index}`) });
      const other = servers()[(index + 1) % 3] ?? server;
      expect(await read(other, id, '?wait_seconds=25')).toMatchObject({ status: 'failed' });
      expect((await other.api(`/runs/${id}/retry`, { method: 'POST', body: {} })).status).toBeLessThan(300);
      expect(await until(server, id, isEnded)).toMatchObject({ status: 'completed' });
    }
  });

  it('wake runs that wait for a time or for another run', async () => {
    for (const workflow of ['waits', 'parent']) {
      const id = await start(members[1].server, workflow);
      expect(await read(members[2].server, id, '?wait_seconds=25')).toMatchObject({ status: 'completed' });
    }
  });

  it('end what a key holds open when another process revokes it', async () => {
    const [a, b] = servers() as [ServerProcess, ServerProcess];
    const made = await a.api('/keys', { method: 'POST', body: { name: 'short', scopes: ['read', 'run'] } });
    const key = String(made.body['key']);
    const id = await start(a, 'works', { ms: 30_000 });
    const waiting = b.api(`/runs/${id}?wait_seconds=25`, { key });
    const stream = fetch(`${b.url}/api/v1/runs/${id}/events`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
    }).then((response) => response.text());
    await until(b, id, isWorking);
    expect((await a.api(`/keys/${String(made.body['id'])}`, { method: 'DELETE' })).status).toBeLessThan(300);
    expect((await waiting).status).toBe(401);
    expect(await stream).not.toContain('run.completed');
    await a.api(`/runs/${id}/cancel`, { method: 'POST', body: {} });
  });

  it('find a run whose call was never made', async () => {
    // It accepts, but reaches no Restate: as one that dies between the commit and the call.
    const { server, callPort } = await cluster.join({ ERRAND_RESTATE_URL: 'http://127.0.0.1:1' });
    cluster.balancer.remove(callPort);
    const id = await start(server, 'works', { ms: 10 });
    expect(await until(members[0].server, id, isEnded)).toMatchObject({ status: 'completed' });
    await server.end('SIGTERM');
  });
});

describe('a process of several', () => {
  /** The one whose death takes the run's work along: the one that has a child with the journal's process. */
  async function startOn(victim: Member, journal: string): Promise<string> {
    // Alone behind the balancer, it is given the call.
    const others = members.filter((member) => member !== victim);
    for (const { callPort } of others) cluster.balancer.remove(callPort);
    const id = await start(members[0].server, 'works', { ms: 4_000, journal });
    await until(members[1].server, id, isWorking);
    await expect.poll(() => journalOf(journal), { timeout: 10_000 }).toEqual(['begins']);
    for (const { callPort } of others) cluster.balancer.add(callPort);
    return id;
  }

  it('that hangs loses its runs to another, and writes nothing of them when it comes back', async () => {
    const victim = members[2];
    const journal = join(cluster.folder, 'hangs');
    const id = await startOn(victim, journal);
    process.kill(victim.server.pid, 'SIGSTOP');
    const ended = await until(members[0].server, id, isEnded);
    expect(ended).toMatchObject({ status: 'completed', output: 'worked' });
    process.kill(victim.server.pid, 'SIGCONT');
    await expect.poll(async () => (await read(victim.server, id))['status']).toBe('completed');
    const { body } = await members[1].server.api(`/runs/${id}/events?limit=1000`);
    const kinds = (body['events'] as Body[]).map((event) => event['kind'] ?? event['type']);
    expect(kinds.filter((kind) => kind === 'run.completed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'node.completed')).toHaveLength(3);
    expect(await read(members[1].server, id)).toEqual(ended);
  }, 90_000);

  it('that dies leaves its runs to the others, which begin no finished node again', async () => {
    const victim = members[2];
    const journal = join(cluster.folder, 'dies');
    const id = await startOn(victim, journal);
    await victim.server.end('SIGKILL');
    cluster.balancer.remove(victim.callPort);
    const ended = await until(members[0].server, id, isEnded);
    expect(ended).toMatchObject({ status: 'completed', output: 'worked' });
    expect(nodeOf(ended, 'first')).toMatchObject({ attempt: 1 });
    expect(journalOf(journal).filter((line) => line === 'ends').length).toBeGreaterThanOrEqual(1);
  }, 60_000);

  it('that stops gives its runs back at once', async () => {
    const { server, callPort } = await cluster.join();
    const member = { server, callPort };
    const others = members.slice(0, 2);
    for (const other of others) cluster.balancer.remove(other.callPort);
    const id = await start(members[0].server, 'works', { ms: 6_000 });
    await until(members[0].server, id, isWorking);
    for (const other of others) cluster.balancer.add(other.callPort);
    await server.end('SIGTERM');
    cluster.balancer.remove(member.callPort);
    expect(await until(members[0].server, id, isEnded)).toMatchObject({ status: 'completed' });
  }, 60_000);
});
