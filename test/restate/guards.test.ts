/**
 * What keeps the promises of a cluster, each shown by what comes to pass without it: the same happens once with a guard
 * and once with that guard taken out of the store.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import { type EngineUnderTest, gate, isEnded, until } from '../../src/testing/engine-suite/engine-under-test.js';
import type { HandlerContext } from '../../src/core/handlers/node-kind.js';
import type { Run } from '../../src/core/run/run.js';
import type { Store } from '../../src/core/ports/store/store.js';
import { rejection } from '../../src/testing/store-suite/fixtures.js';
import { Balancer } from '../../cluster/lib/balancer.mjs';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
import { startTestPostgres, type TestPostgres } from '../postgres/test-postgres.js';
import { openEngine } from '../support/engines/open-engine.js';
import { type RestateOn, restateOn } from './restate-on.js';
import { startTestRestate } from './test-restate.js';

let postgres: TestPostgres;
let restate: RestateNode;
beforeAll(async () => {
  [postgres, restate] = await Promise.all([startTestPostgres(), startTestRestate()]);
}, 120_000);
afterAll(() => Promise.all([postgres.stop(), restate.stop()]));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Records = Store & RestateOn['store'];
/** What of the records is replaced, to take a guard out. */
type Without = (store: PostgresStore) => Partial<Records>;
const NOTHING: Without = () => ({});

function replaceParts(store: PostgresStore, parts: Partial<Records>): Records {
  const own = {
    transaction: store.transaction.bind(store),
    checkWritable: store.checkWritable.bind(store),
    readTime: store.readTime.bind(store),
    close: store.close.bind(store),
  };
  return Object.assign({}, store, own, parts);
}

let services = 0;

interface Opened {
  readonly first: EngineUnderTest;
  /** Not started. */
  readonly second: EngineUnderTest;
  readonly url: string;
}

/** Two processes on the same records, in the form that `without` gives them. */
async function open(
  without: Without,
  { ingress, balancer = new Balancer() }: { readonly ingress?: string; readonly balancer?: Balancer } = {},
): Promise<Opened> {
  const url = await postgres.createDatabase();
  const store = await openPostgresStore({ url, isShared: true });
  await balancer.start();
  closing.push(() => balancer.stop());
  const records = replaceParts(store, without(store));
  const service = `guards_${(services += 1)}`;
  let opened = 0;
  // The first may reach no Restate.
  const create: ReturnType<typeof restateOn> = (params) => {
    opened += 1;
    const at = opened === 1 && ingress !== undefined ? { url: ingress } : {};
    return restateOn({ store: records, restate, balancer, service, ...at })(params);
  };
  const first = await openEngine(records, 10, create);
  closing.push(() => first.close());
  await first.engine.start();
  const second = await first.openAnother();
  closing.push(() => second.close());
  return { first, second, url };
}

/** Counts calls of a method, as looks go by. */
function counted<A extends unknown[], R>(
  call: (...given: A) => R,
): { readonly call: (...given: A) => R; times: number } {
  const counter = {
    times: 0,
    call: (...given: A): R => {
      counter.times += 1;
      return call(...given);
    },
  };
  return counter;
}

const within = { timeout: 30_000 };

/** Cuts the first process off while it is at the first node; the second comes to the node after it. */
async function giveToSecond({ first, second }: Opened, run: Run): Promise<void> {
  await until(first, run, ({ nodes }) => nodes[0]?.status === 'running');
  await second.engine.start();
  await first.cutOff();
  await until(second, run, ({ nodes }) => nodes[1]?.status === 'running');
}

/** Says of each run that it is still its first driver's. */
function ofTheFirst(store: PostgresStore): Records['drives'] {
  const first = new Map<string, number>();
  return {
    ...store.drives,
    claim: async (params) => {
      const begun = await store.drives.claim(params);
      for (const { run, epoch } of begun) if (!first.has(run.id)) first.set(run.id, epoch);
      return begun;
    },
    listHeld: async ({ runs }) =>
      runs.map(({ runId }) => ({ runId, organizationId: '', epoch: first.get(runId) ?? 0 })),
  };
}

describe('the fence', () => {
  /** Two drivers are at one node; `begun`: how often the next one was begun. */
  async function takeOver(without: Without) {
    const opened = await open(without);
    const { run: late, open: letLateGo } = gate();
    const after = gate();
    let [tries, begun] = [0, 0];
    const run = await opened.first.accept([
      { id: 'a', kind: 'code', run: (context) => ((tries += 1) === 1 ? late(context) : 'second') },
      {
        id: 'b',
        kind: 'code',
        needs: ['a'],
        run: (context) => {
          begun += 1;
          return after.run(context);
        },
      },
    ]);
    await giveToSecond(opened, run);
    await expect.poll(() => begun, within).toBe(1);
    letLateGo();
    closing.push(async () => after.open());
    return { first: opened.first, begun: () => begun };
  }

  it('keeps a driver that was superseded from beginning anything more', async () => {
    const { first, begun } = await takeOver(NOTHING);
    // Resolves once the first engine has tried to keep the late outcome.
    await first.engine.stop({ graceMs: 10_000 });
    expect(begun()).toBe(1);
  });

  it('taken out, has both drivers begin the next node', async () => {
    const { begun } = await takeOver((store) => {
      const commit: PostgresStore['runs']['commit'] = (params) =>
        store.runs.commit({ ...params, epoch: params.epoch === null ? null : Number.MAX_SAFE_INTEGER });
      return { runs: { ...store.runs, commit }, drives: ofTheFirst(store) };
    });
    await expect.poll(begun, within).toBe(2);
  });
});

describe('the question whose a run is', () => {
  /** A driver that was superseded is done with an item of a map; `begun`: how often the next item was begun. */
  async function takeOver(without: Without) {
    const opened = await open(without);
    const { run: late, open: letLateGo } = gate();
    const after = gate();
    let [tries, begun] = [0, 0];
    const run = await opened.first.accept([
      {
        id: 'each',
        kind: 'map',
        over: [0, 1],
        concurrency: 1,
        do: {
          kind: 'code',
          with: { item: '{{ item }}' },
          run: (context: HandlerContext<{ item: number }>) => {
            if (context.input.item === 1) begun += 1;
            else if ((tries += 1) === 1) return late(context);
            return 'done';
          },
        },
      },
      { id: 'b', kind: 'code', needs: ['each'], run: after.run },
    ]);
    await giveToSecond(opened, run);
    expect(begun).toBe(1);
    letLateGo();
    closing.push(async () => after.open());
    return { first: opened.first, begun: () => begun };
  }

  it('keeps a driver that was superseded from what waits for nothing to be kept', async () => {
    const { first, begun } = await takeOver(NOTHING);
    await first.engine.stop({ graceMs: 10_000 });
    expect(begun()).toBe(1);
  });

  it('not asked, has both drivers begin the next item', async () => {
    const { begun } = await takeOver((store) => ({ drives: ofTheFirst(store) }));
    await expect.poll(begun, within).toBe(2);
  });
});

describe('the inbox', () => {
  async function cancelElsewhere(without: Without) {
    const { first, second } = await open(without);
    const { run: work, open: letGo } = gate();
    const run = await first.accept([{ id: 'a', kind: 'code', run: work }]);
    await until(first, run, ({ nodes }) => nodes[0]?.status === 'running');
    await second.engine.start();
    return { first, run, letGo, cancelled: second.engine.cancel({ run, reason: 'enough' }) };
  }

  it('brings a cancel to the process that drives the run', async () => {
    const { cancelled } = await cancelElsewhere(NOTHING);
    expect((await cancelled).status).toBe('cancelled');
  });

  it('taken out, has a cancel come to nothing', async () => {
    const looks = counted(async () => []);
    const { first, run, letGo, cancelled } = await cancelElsewhere((store) => {
      return { mail: { ...store.mail, send: async () => undefined, list: looks.call } };
    });
    const refused = rejection(cancelled);
    const before = looks.times;
    await expect.poll(() => looks.times, within).toBeGreaterThan(before + 4);
    expect((await first.read(run)).status).toBe('running');
    letGo();
    expect((await until(first, run, isEnded)).status).toBe('completed');
    expect((await refused).code).toBe('conflict');
  });
});

describe('the slow look', () => {
  /** A port that nobody listens at. */
  const NOWHERE = 'http://127.0.0.1:1';

  it('finds a run that was accepted, and whose call was never made', async () => {
    const { first, second } = await open(NOTHING, { ingress: NOWHERE });
    const run = await first.accept([{ id: 'a', kind: 'transform', with: 1 }]);
    await second.engine.start();
    expect((await until(second, run, isEnded)).status).toBe('completed');
  });

  it('taken out, leaves it where it is', async () => {
    const looks = counted(async () => []);
    const { first, second } = await open(
      (store) => {
        return { drives: { ...store.drives, listUnclaimed: looks.call } };
      },
      { ingress: NOWHERE },
    );
    const run = await first.accept([{ id: 'a', kind: 'transform', with: 1 }]);
    await second.engine.start();
    await expect.poll(() => looks.times, within).toBeGreaterThan(8);
    expect((await second.read(run)).status).toBe('pending');
  });
});

describe('the drain', () => {
  /** What a stop in the middle of the run has counted against it. */
  async function crashesAfterStop(without: Without): Promise<unknown> {
    const { first, second, url } = await open(without);
    let tries = 0;
    const { run: endless } = gate();
    const run = await first.accept([
      { id: 'a', kind: 'code', run: (context) => ((tries += 1) === 1 ? endless(context) : gate().run(context)) },
    ]);
    await until(first, run, ({ nodes }) => nodes[0]?.status === 'running');
    await second.engine.start();
    await first.engine.stop({ graceMs: 0 });
    await expect.poll(() => tries, within).toBe(2);
    const [row] = await postgres.query(`SELECT crashes FROM runs WHERE id = '${run.id}'`, url);
    return Number(row?.['crashes']);
  }

  it('gives runs back, so that a stop is no crash', async () => {
    expect(await crashesAfterStop(NOTHING)).toBe(0);
  });

  it('taken out, has a stop count as one', async () => {
    const crashes = await crashesAfterStop((store) => {
      return { drives: { ...store.drives, release: async () => undefined } };
    });
    expect(crashes).toBe(1);
  });
});

describe('a call', () => {
  it('is not taken for done when it is made again before it is known what its first attempt has claimed', async () => {
    const balancer = new Balancer();
    const ports: number[] = [];
    const add = balancer.add.bind(balancer);
    balancer.add = (port) => {
      ports.push(port);
      add(port);
    };
    let [claims, lose] = [0, (): void => undefined];
    const lost = new Promise<void>((resolve) => (lose = resolve));
    const { first } = await open(
      (store) => {
        const claim: PostgresStore['drives']['claim'] = async (params) => {
          const begun = await store.drives.claim(params);
          if ((claims += 1) > 1) return begun;
          await lost;
          throw new Error('The answer of the database was lost.');
        };
        return { drives: { ...store.drives, claim } };
      },
      { balancer },
    );
    const run = await first.accept([{ id: 'a', kind: 'transform', with: 1 }]);
    await expect.poll(() => claims, within).toBe(1);
    const [port = 0] = ports;
    balancer.remove(port);
    add(port);
    const isMadeAgain = async (): Promise<boolean> => {
      const response = await fetch(`${restate.adminUrl}/query`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({
          query: `SELECT status, retry_count FROM sys_invocation WHERE target_service_name = 'guards_${services}'`,
        }),
      });
      const { rows } = (await response.json()) as { rows: { status: string; retry_count: number | null }[] };
      return rows.some(({ status, retry_count: tries }) => status === 'completed' || (tries ?? 0) >= 2);
    };
    await expect.poll(isMadeAgain, within).toBe(true);
    lose();
    expect((await until(first, run, isEnded)).status).toBe('completed');
  }, 60_000);
});
