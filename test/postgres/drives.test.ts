import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/app/process/new-id.js';
import type { MailBody } from '../../src/core/ports/store/drive-store.js';
import { FIRST_EPOCH } from '../../src/core/ports/store/run-store.js';
import { applyEvent } from '../../src/core/run/apply-event.js';
import type { RunEvent } from '../../src/core/run/events.js';
import type { Run } from '../../src/core/run/run.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import {
  createRun,
  insertOrganization,
  insertRun,
  makeCommit,
  makeRun,
} from '../../src/testing/store-suite/fixtures.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
let one: PostgresStore;
let other: PostgresStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.createDatabase();
  [one, other] = [await openPostgresStore({ url, isShared: true }), await openPostgresStore({ url, isShared: true })];
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await postgres.stop();
});

const makeRuns = async (count = 1): Promise<Run[]> => {
  const organizationId = await insertOrganization(one);
  const runs: Run[] = [];
  for (let made = 0; made < count; made += 1) runs.push(await insertRun(one, { organizationId }));
  return runs;
};
const wanted = (runs: readonly Run[], epoch: number | null = null) =>
  runs.map(({ id: runId, organizationId }) => ({ runId, organizationId, epoch }));
const claim = async (store: PostgresStore, call: string, runs: readonly Run[], epoch: number | null = null) =>
  (await store.drives.claim({ call, wanted: wanted(runs, epoch) })).map(({ run }) => run.id);
const given = (runs: readonly Run[], wakeAt: number | null = null) => runs.map(({ id: runId }) => ({ runId, wakeAt }));
const idsOf = (runs: readonly Run[]): string[] => runs.map(({ id }) => id);
const start = async (store: PostgresStore, run: Run, epoch: number) => {
  const event: RunEvent = { kind: 'run.started', seq: run.version + 1, at: run.createdAt };
  return store.runs.commit(makeCommit({ run: applyEvent(run, event), events: [event], epoch }));
};

describe('the commit that ends a run', () => {
  const bodiesFor = async (run: Pick<Run, 'id'>): Promise<MailBody[]> =>
    (await other.mail.list({ runIds: [run.id], limit: 10 })).map(({ body }) => body);
  const end = async (run: Run): Promise<void> => {
    const event: RunEvent = { kind: 'run.cancelled', reason: 'enough', seq: run.version + 1, at: run.createdAt };
    await one.runs.commit(makeCommit({ run: applyEvent(run, event), events: [event], epoch: FIRST_EPOCH }));
  };

  it('leaves word for the run that started it, and for those that it has started and that go on', async () => {
    const organizationId = await insertOrganization(one);
    const [above, beside] = [await insertRun(one, { organizationId }), await insertRun(one, { organizationId })];
    const childOf = async (runId: string, childKey: string): Promise<Run> => {
      const child = makeRun({ organizationId, parent: { runId, nodeId: 'sub', depth: 1 } });
      await createRun(one, child, { childKey });
      return child;
    };
    const run = await childOf(above.id, 'run');
    const [first, ended] = [await childOf(run.id, 'a'), await childOf(run.id, 'b')];
    await end(ended);
    expect(await bodiesFor(run)).toEqual([{ kind: 'look' }]);
    await end(run);
    expect(await bodiesFor(above)).toEqual([{ kind: 'look' }]);
    expect(await bodiesFor(first)).toEqual([{ kind: 'orphaned' }]);
    expect([...(await bodiesFor(ended)), ...(await bodiesFor(beside))]).toEqual([]);
  });

  it('leaves word for a run that a node waited for, and waits for no more', async () => {
    const organizationId = await insertOrganization(one);
    const [run, child] = [await insertRun(one, { organizationId }), await insertRun(one, { organizationId })];
    const wait = { for: 'run', until: null, runId: child.id } as const;
    const events: RunEvent[] = [
      { kind: 'node.started', nodeId: 'crawl', attempt: 1, seq: 2, at: run.createdAt },
      { kind: 'node.waiting', nodeId: 'crawl', attempt: 1, wait, seq: 3, at: run.createdAt },
      { kind: 'node.cancelled', nodeId: 'crawl', seq: 4, at: run.createdAt },
    ];
    await one.runs.commit(makeCommit({ run: events.reduce(applyEvent, run), events, epoch: FIRST_EPOCH }));
    expect(await bodiesFor(child)).toEqual([{ kind: 'orphaned' }]);
  });
});

describe('a claim', () => {
  it('gives each run to one of the calls that want it at the same time', async () => {
    const runs = await makeRuns(20);
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => claim(index % 2 === 0 ? one : other, `call ${index}`, runs)),
    );
    expect(claims.flat().toSorted()).toEqual(idsOf(runs).toSorted());
  });

  it('supersedes whoever drove the run before', async () => {
    const [run] = await makeRuns();
    if (run === undefined) throw new Error('no run');
    await claim(one, 'a', [run]);
    expect(await start(other, run, FIRST_EPOCH)).toBe('superseded');
    expect(await start(other, run, FIRST_EPOCH + 1)).toBe('kept');
  });

  it('is for runs of the organization that is named, that go on, and, where an epoch is named, still have it', async () => {
    const [run, ended] = await makeRuns(2);
    if (run === undefined || ended === undefined) throw new Error('no runs');
    await start(one, ended, FIRST_EPOCH);
    const cancelled: RunEvent = { kind: 'run.cancelled', reason: 'enough', seq: 3, at: ended.createdAt };
    const done = { ...applyEvent(ended, cancelled), version: 3 };
    await one.runs.commit(makeCommit({ run: done, events: [cancelled], epoch: FIRST_EPOCH }));
    const strange = { ...run, organizationId: await insertOrganization(one) };
    expect(await claim(one, 'a', [strange, ended])).toEqual([]);
    expect(await claim(one, 'a', [run], FIRST_EPOCH + 1)).toEqual([]);
    expect(await claim(one, 'a', [run], FIRST_EPOCH)).toEqual([run.id]);
  });

  it('is over when the run is given back, and nobody else can give it back', async () => {
    const runs = await makeRuns(2);
    await claim(one, 'a', runs);
    await other.drives.release({ call: 'b', runs: given(runs) });
    expect(await claim(other, 'b', runs)).toEqual([]);
    await one.drives.release({ call: 'a', runs: given(runs.slice(1)) });
    expect(await claim(other, 'b', runs)).toEqual(idsOf(runs).slice(1));
    const held = await one.drives.listHeld({ runs: idsOf(runs).map((runId) => ({ call: 'a', runId })) });
    expect(held).toEqual([{ ...wanted(runs)[0], epoch: FIRST_EPOCH + 1 }]);
  });

  it('of the same call counts a crash, unless the process said that it went on without the call', async () => {
    const [run] = await makeRuns();
    if (run === undefined) throw new Error('no run');
    const event: RunEvent = { kind: 'node.started', nodeId: 'crawl', attempt: 1, seq: 2, at: run.createdAt };
    await one.runs.commit(makeCommit({ run: applyEvent(run, event), events: [event], epoch: FIRST_EPOCH }));
    const again = async (): Promise<number | undefined> => {
      const [begun] = await other.drives.claim({ call: 'a', wanted: wanted([run]) });
      return begun?.crashes;
    };
    const work = async (cutOffs: number): Promise<void> => {
      const [begun] = await other.drives.claim({ call: 'a', wanted: wanted([run]) });
      if (begun === undefined) throw new Error('it is not given');
      expect(begun.crashes).toBe(cutOffs);
      const works: RunEvent = { ...event, cutOffs, seq: begun.run.version + 1 };
      await one.runs.commit(makeCommit({ run: applyEvent(begun.run, works), events: [works], epoch: begun.epoch }));
    };
    expect(await again()).toBe(0);
    await work(1);
    await work(2);
    await one.drives.part({ call: 'a', runIds: [run.id] });
    expect(await again()).toBe(2);
    expect(await again()).toBe(3);
    // It has not come to work again since.
    expect(await again()).toBe(3);
  });

  it('is taken up anew by whoever drives it by its newest epoch alone', async () => {
    const [run] = await makeRuns();
    if (run === undefined) throw new Error('no run');
    await claim(one, 'a', [run]);
    const key = { organizationId: run.organizationId, runId: run.id };
    expect(await other.drives.claimAgain({ ...key, call: 'a', epoch: FIRST_EPOCH })).toBeNull();
    expect(await other.drives.claimAgain({ ...key, call: 'b', epoch: FIRST_EPOCH + 1 })).toBeNull();
    expect(await one.drives.claimAgain({ ...key, call: 'a', epoch: FIRST_EPOCH + 1 })).toMatchObject({
      epoch: FIRST_EPOCH + 2,
    });
  });

  it('is over when an ended run is retried', async () => {
    const [run] = await makeRuns();
    if (run === undefined) throw new Error('no run');
    const [begun] = await one.drives.claim({ call: 'a', wanted: wanted([run]) });
    const cancelled: RunEvent = { kind: 'run.cancelled', reason: 'enough', seq: 2, at: run.createdAt };
    const ended = applyEvent(run, cancelled);
    await one.runs.commit(makeCommit({ run: ended, events: [cancelled], epoch: begun?.epoch ?? 0 }));
    const retried: RunEvent = { kind: 'run.retried', resumed: [], reset: [], seq: 3, at: run.createdAt };
    await one.runs.commit(makeCommit({ run: applyEvent(ended, retried), events: [retried], epoch: null }));
    expect(await other.drives.listUnclaimed({ limit: 1_000 })).toContainEqual({
      runId: run.id,
      organizationId: run.organizationId,
    });
    expect(await claim(other, 'b', [run])).toEqual([run.id]);
  });

  it('whose call is lost is given up, and what should have gone on is found', async () => {
    const runs = await makeRuns(3);
    await claim(one, 'inv_lost', runs);
    await one.drives.part({ call: 'inv_lost', runIds: idsOf(runs).slice(0, 1) });
    expect(await other.drives.listCalls()).toContain('inv_lost');
    await one.drives.release({ call: 'inv_lost', runs: [...given(runs.slice(1, 2), 5_000), ...given(runs.slice(2))] });
    const overdue = async (before: number, afterId: string | null = null): Promise<string[]> =>
      (await other.drives.listOverdue({ before, afterId, limit: 1_000 })).map(({ runId }) => runId);
    expect(await overdue(5_000)).toEqual([]);
    expect(await overdue(5_001)).toEqual(idsOf(runs).slice(1, 2));
    expect(await overdue(5_001, idsOf(runs)[1])).toEqual([]);
    const abandoned = await other.drives.abandon({ call: 'inv_lost' });
    expect(abandoned.map(({ runId }) => runId)).toEqual(idsOf(runs).slice(0, 1));
    expect(await other.drives.listCalls()).not.toContain('inv_lost');
    expect((await claim(other, 'b', runs)).toSorted()).toEqual(idsOf(runs).toSorted());
    expect(await overdue(5_001)).toEqual([]);
  });

  it('takes a run from those that nobody has claimed', async () => {
    const runs = await makeRuns(3);
    const unclaimed = async (): Promise<string[]> => {
      const found = new Set((await other.drives.listUnclaimed({ limit: 1_000 })).map(({ runId }) => runId));
      return idsOf(runs).filter((id) => found.has(id));
    };
    expect(await unclaimed()).toEqual(idsOf(runs));
    await claim(one, 'a', runs.slice(0, 2));
    expect(await unclaimed()).toEqual(idsOf(runs).slice(2));
  });
});

describe('mail', () => {
  const send = async (run: Run, body: MailBody, at = 1_000): Promise<string> => {
    const id = newId();
    await one.mail.send([{ id, organizationId: run.organizationId, runId: run.id, at, body }]);
    return id;
  };
  const list = (run: Run) => other.mail.list({ runIds: [run.id], limit: 10 });
  const CANCEL: MailBody = { kind: 'cancel', reason: 'en\u0000ough' };

  it('stays until it is settled, and says when a driver was given it', async () => {
    const [run] = await makeRuns();
    if (run === undefined) throw new Error('no run');
    const id = await send(run, CANCEL);
    const look = await send(run, { kind: 'look' });
    const key = { organizationId: run.organizationId, runId: run.id, at: 1_000 };
    expect(await list(run)).toEqual([
      { ...key, id, body: CANCEL, isRepeated: false },
      { ...key, id: look, body: { kind: 'look' }, isRepeated: false },
    ]);
    await other.mail.markGiven({ ids: [id, look], isGiven: true });
    await other.mail.markGiven({ ids: [look], isGiven: false });
    expect((await list(run)).map(({ isRepeated }) => isRepeated)).toEqual([true, false]);
    expect(await one.mail.findVerdict({ id })).toBeNull();
    await other.mail.settle({ id, verdict: 'accepted' });
    await other.mail.settle({ id, verdict: 'not_waiting' });
    expect(await one.mail.findVerdict({ id })).toBe('accepted');
    expect((await one.mail.list({ runIds: null, limit: 1_000 })).map((mail) => mail.id)).toContain(look);
    expect((await list(run)).map((mail) => mail.id)).toEqual([look]);
  });

  it('is removed by its sender, or in time when it was settled', async () => {
    const [run] = await makeRuns();
    if (run === undefined) throw new Error('no run');
    const [taken, settled, open] = [await send(run, CANCEL), await send(run, CANCEL), await send(run, CANCEL)];
    await one.mail.remove({ ids: [taken] });
    await one.mail.settle({ id: settled, verdict: 'accepted' });
    await other.mail.purge({ before: 1_000 });
    expect(await one.mail.findVerdict({ id: settled })).toBe('accepted');
    await other.mail.purge({ before: 1_001 });
    expect([
      await one.mail.findVerdict({ id: taken }),
      await one.mail.findVerdict({ id: settled }),
      await one.mail.findVerdict({ id: open }),
    ]).toEqual([undefined, undefined, null]);
  });
});

describe('processes at work on the records', () => {
  it('are told which workflows the others have from their folders, once they have said so, until they are gone', async () => {
    const ofOne = { id: 'p1', place: 'host, process 1', program: '1', workflows: new Map([['a', 3]]) };
    const ofOther = { id: 'p2', place: 'host, process 2', program: '1', workflows: null };
    expect(await one.shared.beat(ofOne)).toEqual([]);
    const { id, place, workflows } = ofOne;
    expect(await other.shared.beat(ofOther)).toEqual([{ id, place, workflows }]);
    expect(await one.shared.beat(ofOne)).toEqual([]);
    const listed = async () =>
      (await other.shared.listProcesses()).filter((process) => ['p1', 'p2'].includes(process.id));
    const seenAt = expect.closeTo(Date.now(), -5) as number;
    expect(await listed()).toEqual([
      { id: 'p1', place: 'host, process 1', program: '1', seenAt },
      { id: 'p2', place: 'host, process 2', program: '1', seenAt },
    ]);
    await one.shared.leave({ id: 'p1' });
    expect(await other.shared.beat(ofOther)).toEqual([]);
    expect((await listed()).map(({ id: left }) => left)).toEqual(['p2']);
  });
});
