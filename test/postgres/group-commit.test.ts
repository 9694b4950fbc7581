import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
  makeMovement,
  makeRun,
} from '../../src/testing/store-suite/fixtures.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
let url: string;
let store: PostgresStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
  url = await postgres.createDatabase();
  store = await openPostgresStore({ url });
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const start = (by: PostgresStore, run: Run) => {
  const event: RunEvent = { kind: 'run.started', seq: run.version + 1, at: run.createdAt };
  return by.runs.commit(makeCommit({ run: applyEvent(run, event), events: [event], epoch: FIRST_EPOCH }));
};
const statusOf = async ({ id: runId, organizationId }: Run) =>
  (await store.runs.get({ runId, organizationId }))?.status ?? null;

it('has no commit wait for an account that it does not change', async () => {
  const organizationId = await insertOrganization(store, 100);
  const run = await insertRun(store, { organizationId });
  const made = makeRun({ organizationId });
  const other = new Client({ connectionString: url });
  await other.connect();
  await other.query('BEGIN');
  await other.query('SELECT 1 FROM credit_accounts WHERE organization_id = $1 FOR UPDATE', [organizationId]);

  const done: string[] = [];
  const movement = makeMovement({ organizationId, runId: made.id, reservedDelta: 25 });
  const creating = createRun(store, made, { movement }).then(() => done.push('reserved'));
  const starting = start(store, run).then(() => done.push('started'));
  await starting;
  expect(done).toEqual(['started']);
  await other.query('COMMIT');
  await creating;
  expect(await store.credits.getAccount({ organizationId })).toMatchObject({ reserved: 25 });
  await other.end();
});

it('finds out whether a commit was made whose answers are lost', async () => {
  const way = await startWay('loses the answers');
  const behind = await openPostgresStore({ url: way.url });
  const run = await insertRun(store, { organizationId: await insertOrganization(store) });
  way.isOn = true;
  expect(await start(behind, run)).toBe('kept');
  expect(way.cuts).toBe(1);
  expect(await statusOf(run)).toBe('running');
  way.isOn = false;
  await behind.close();
  await way.stop();
});

it('refuses a commit that did not reach the database, of which nothing is left', async () => {
  const way = await startWay('loses the statements');
  const behind = await openPostgresStore({ url: way.url });
  const run = await insertRun(store, { organizationId: await insertOrganization(store) });
  way.isOn = true;
  await expect(start(behind, run)).rejects.toMatchObject({ code: 'unavailable' });
  expect(way.cuts).toBe(1);
  way.isOn = false;
  expect(await statusOf(run)).toBe('pending');
  expect(await start(behind, run)).toBe('kept');
  await behind.close();
  await way.stop();
});

it('does not take for its own what the database has done since a crash under the id of a transaction', async () => {
  const server = await startTestPostgres();
  const direct = async (text: string): Promise<number> => Number((await server.query(text))[0]?.['n']);
  const open = await openPostgresStore({ url: server.url });
  const organizationId = await insertOrganization(open);
  const run = await insertRun(open, { organizationId });
  await open.close();
  // Unless the database has written down meanwhile which ids it had given out.
  for (let isReused = false; !isReused;) {
    const way = await startWay('loses the statements', server.url);
    const behind = await openPostgresStore({ url: way.url });
    const before = await direct(NEXT_ID);
    way.isOn = true;
    const crashed = new Promise<void>((resolve) => {
      way.onCut = () => {
        way.isShut = true;
        void server.stop('SIGQUIT').then(resolve);
      };
    });
    const outcome = start(behind, run).then(String, ({ code }: { code: string }) => code);
    await crashed;
    await server.restart();
    isReused = (await direct(NEXT_ID)) <= before + 1;
    for (let id = 0; id <= before + 1;) id = await direct(NEXT_ID);
    const [status] = await server.query(`SELECT pg_xact_status('${before + 1}') AS status`);
    expect(status).toEqual({ status: isReused ? 'committed' : 'aborted' });
    [way.isOn, way.isShut] = [false, false];
    expect(await outcome).toBe('unavailable');
    expect((await behind.runs.get({ organizationId, runId: run.id }))?.status).toBe('pending');
    await behind.close();
    await way.stop();
  }
  await server.stop();
}, 60_000);

/** Takes the next id that the database gives to a transaction, and has it commit. */
const NEXT_ID = 'SELECT pg_current_xact_id()::text::bigint AS n';

/** A simple query, as the driver sends what takes no values. */
const COMMIT = Buffer.from('COMMIT\0');

/** A way to the database that is cut, once it is on, at the first COMMIT that goes along it: before or behind it. */
async function startWay(how: 'loses the answers' | 'loses the statements', database = url) {
  const to = new URL(database);
  const way = {
    url: '',
    isOn: false,
    /** Lets nobody in. */
    isShut: false,
    cuts: 0,
    onCut: (): void => undefined,
    stop: async (): Promise<void> => undefined,
  };
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    if (way.isShut) return void near.destroy();
    const far = connect(Number(to.port), to.hostname);
    let isCut = false;
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.on('data', (data) => {
      if (way.isOn && !isCut && data.includes(COMMIT)) {
        isCut = true;
        way.cuts += 1;
        way.onCut();
        if (how === 'loses the statements') {
          far.destroy();
          near.destroy();
          return;
        }
      }
      far.write(data);
    });
    far.on('data', (data) => {
      if (!isCut) near.write(data);
      else if (data.includes(COMMIT)) near.destroy();
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(database);
  through.port = String((server.address() as AddressInfo).port);
  way.url = through.href;
  way.stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return way;
}
