import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEvent } from '../../../core/run/apply-event.js';
import type { Notifier, RunChange } from '../../../core/ports/notifier.js';
import type { RunEventBody } from '../../../core/run/events.js';
import type { Run } from '../../../core/run/run.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { Store } from '../../../core/ports/store/store.js';
import { EmbeddedNotifier } from '../../../engine/embedded/embedded-notifier.js';
import { openSqliteStore } from '../../../store/sqlite/sqlite-store.js';
import { ManualClock, settle } from '../../../testing/manual-clock.js';
import { insertOrganization, insertRun, makeCommit } from '../../../testing/store-suite/fixtures.js';
import { KeyWatch } from '../../state/key-watch.js';
import { followRun } from './follow-run.js';
import type { FollowDeps } from './run-changes.js';
import { waitForRun } from './wait-for-run.js';
import { watchRun } from './watch-run.js';

const RECHECK_MS = 1_000;

/** Loses every notice until it is told to lose none, and carries no records: as one between processes may. */
class LossyNotifier implements Notifier {
  readonly recheckMs = RECHECK_MS;
  losesAll = true;
  readonly #within = new EmbeddedNotifier();

  publish(change: RunChange): void {
    if (!this.losesAll) this.#within.publish({ ...change, run: null });
  }

  subscribe(params: Parameters<Notifier['subscribe']>[0]): () => void {
    return this.#within.subscribe(params);
  }
}

let store: Store;
beforeAll(async () => {
  store = await openSqliteStore({ path: ':memory:' });
});
afterAll(() => store.close());

class Followed {
  readonly clock = new ManualClock();
  readonly notifier = new LossyNotifier();
  readonly deps: FollowDeps = {
    store,
    clock: this.clock,
    notifier: this.notifier,
    keyWatch: new KeyWatch(this.clock),
  };
  readonly caller: Principal;
  run: Run;

  private constructor(run: Run) {
    this.run = run;
    this.caller = { organizationId: run.organizationId, keyId: null, scopes: ['run'] };
  }

  static async open(): Promise<Followed> {
    return new Followed(await insertRun(store, { organizationId: await insertOrganization(store) }));
  }

  async commit(...bodies: RunEventBody[]): Promise<void> {
    const events = bodies.map((body, index) => ({ seq: this.run.version + index + 1, at: this.clock.now(), ...body }));
    this.run = events.reduce(applyEvent, this.run);
    await store.runs.commit(makeCommit({ run: this.run, events }));
    this.notifier.publish({ runId: this.run.id, version: this.run.version, run: this.run });
  }
}

const START: RunEventBody = { kind: 'run.started' };
const END: RunEventBody = { kind: 'run.cancelled', reason: 'enough' };

/** What has come of a promise so far. */
async function stateOf<T>(promise: Promise<T>): Promise<T | 'open'> {
  return await Promise.race([promise, settle().then(() => 'open' as const)]);
}

describe('a lost notice', () => {
  it('costs a call that waits for the end of a run no more than the time after which it looks itself', async () => {
    const followed = await Followed.open();
    const { deps, caller, run, clock } = followed;
    const waiting = waitForRun(deps, caller, { runId: run.id, timeoutMs: 60_000 });
    await settle();
    await followed.commit(START, END);
    expect(await stateOf(waiting)).toBe('open');
    await clock.advance(RECHECK_MS);
    expect(await stateOf(waiting)).toMatchObject({ status: 'cancelled' });
    expect(clock.waiting).toBe(0);
  });

  it('costs who follows a run the same, and each change is told once and in order', async () => {
    const followed = await Followed.open();
    const { deps, caller, run, clock, notifier } = followed;
    const heard: number[] = [];
    const { stop } = await followRun(deps, caller, { runId: run.id, listener: ({ version }) => heard.push(version) });
    await followed.commit(START);
    await settle();
    expect(heard).toEqual([]);
    await clock.advance(3 * RECHECK_MS);
    expect(heard).toEqual([run.version + 1]);
    notifier.losesAll = false;
    await followed.commit(END);
    await settle();
    await clock.advance(3 * RECHECK_MS);
    expect(heard).toEqual([run.version + 1, run.version + 2]);
    stop();
    expect(clock.waiting).toBe(0);
  });

  it('costs who watches the log of a run the same', async () => {
    const followed = await Followed.open();
    const { deps, caller, run, clock } = followed;
    const signal = new AbortController().signal;
    const events = watchRun(deps, caller, { runId: run.id, afterSeq: run.version, signal });
    const first = events.next();
    await settle();
    await followed.commit(START);
    expect(await stateOf(first)).toBe('open');
    await clock.advance(RECHECK_MS);
    expect(await stateOf(first)).toMatchObject({ value: { kind: 'run.started' } });
    const second = events.next();
    await settle();
    await followed.commit(END);
    await clock.advance(RECHECK_MS);
    expect(await stateOf(second)).toMatchObject({ value: { kind: 'run.cancelled' } });
    expect(await events.next()).toMatchObject({ done: true });
    expect(clock.waiting).toBe(0);
  });

  it('costs nothing where none is lost: there is no timer', async () => {
    const followed = await Followed.open();
    const deps = { ...followed.deps, notifier: new EmbeddedNotifier() };
    const { stop } = await followRun(deps, followed.caller, { runId: followed.run.id, listener: () => undefined });
    expect(followed.clock.waiting).toBe(0);
    stop();
  });
});
