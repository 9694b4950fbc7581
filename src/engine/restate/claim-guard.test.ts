import { beforeEach, expect, it } from 'vitest';
import { LazyAbort } from '../../runner/timing/lazy-abort.js';
import { ManualClock, settle } from '../../testing/manual-clock.js';
import { ClaimGuard } from './claim-guard.js';

let clock: ManualClock;
let known: Map<string, number>;
let asked: (readonly string[])[];
let answer: (runIds: readonly string[]) => Promise<readonly string[]>;

beforeEach(() => {
  clock = new ManualClock();
  known = new Map([
    ['a', clock.now()],
    ['b', clock.now()],
  ]);
  asked = [];
  answer = async () => [];
});

function createGuard(): ClaimGuard {
  return new ClaimGuard({
    clock,
    knownAt: (runId) => known.get(runId) ?? Number.NEGATIVE_INFINITY,
    findLost: async (runIds) => {
      asked.push(runIds);
      return new Set(await answer(runIds));
    },
  });
}

/** What comes of asking, as it becomes known. */
function ask(guard: ClaimGuard, runId: string, abort = new LazyAbort()): { outcome: string } {
  const told = { outcome: 'none' };
  const confirmed = guard.confirm(runId, abort);
  if (confirmed === null) told.outcome = 'at once';
  else
    confirmed.then(
      () => (told.outcome = 'begins'),
      (error: Error) => (told.outcome = error.message),
    );
  return told;
}

it('lets work begin at once on what was known a moment ago, by a clock that was not set back since', async () => {
  const guard = createGuard();
  await clock.advance(999);
  expect(ask(guard, 'a').outcome).toBe('at once');
  expect(asked).toEqual([]);
  clock.jumpTo(clock.now() - 60_000);
  expect([ask(guard, 'a').outcome, ask(guard, 'unknown').outcome]).toEqual(['none', 'none']);
  await settle();
  expect(asked).toEqual([['a', 'unknown']]);
});

it('asks before work begins on what was known a while ago, until there is an answer, for all runs together', async () => {
  const guard = createGuard();
  let answers = 0;
  answer = async () => {
    answers += 1;
    if (answers < 3) throw new Error('the database is away');
    return [];
  };
  await clock.advance(1_000);
  const both = ['a', 'b'].map((runId) => ask(guard, runId));
  await clock.advance(400);
  expect([both.map(({ outcome }) => outcome), asked.length]).toEqual([['none', 'none'], 1]);
  await clock.advance(600);
  expect(both.map(({ outcome }) => outcome)).toEqual(['begins', 'begins']);
  expect(asked.every((runIds) => runIds.join() === 'a,b')).toBe(true);
});

it('asks once more when the answer was long in coming: the process may have been paused meanwhile', async () => {
  const guard = createGuard();
  answer = async () => {
    if (asked.length === 1) clock.jumpTo(clock.now() + 18_000);
    return [];
  };
  await clock.advance(1_000);
  const one = ask(guard, 'a');
  await settle();
  expect([one.outcome, asked.length]).toEqual(['begins', 2]);
});

it('lets work begin where each answer is long in coming', async () => {
  const guard = createGuard();
  answer = async () => {
    clock.jumpTo(clock.now() + 1_800);
    return [];
  };
  await clock.advance(1_000);
  const one = ask(guard, 'a');
  await settle();
  expect([one.outcome, asked.length]).toEqual(['begins', 2]);
});

it('waits for no answer once its run is given up', async () => {
  const guard = createGuard();
  answer = () => new Promise(() => undefined);
  await clock.advance(1_000);
  const givenUp = new LazyAbort();
  const one = ask(guard, 'a', givenUp);
  await settle();
  givenUp.abort(new Error('its time is up'));
  await settle();
  expect([one.outcome, asked.length]).toEqual(['its time is up', 1]);
});

it("begins nothing of a run that is found to be another process's, however long its driver takes to leave it", async () => {
  const guard = createGuard();
  answer = async () => ['a'];
  await clock.advance(5_000);
  const left = new LazyAbort();
  const [lost, own] = [ask(guard, 'a', left), ask(guard, 'b')];
  await settle();
  await clock.advance(60_000);
  expect([lost.outcome, own.outcome]).toEqual(['none', 'begins']);
  left.abort(new Error('another has it'));
  await settle();
  expect(lost.outcome).toBe('another has it');
});

it('begins nothing that cannot be found out any more once it is stopped', async () => {
  const guard = createGuard();
  answer = () => Promise.reject(new Error('the database is away'));
  await clock.advance(1_000);
  const left = new LazyAbort();
  const one = ask(guard, 'a', left);
  await clock.advance(400);
  guard.stop();
  await clock.advance(60_000);
  expect([one.outcome, asked.length]).toEqual(['none', 2]);
  left.abort(new Error('the process stops'));
  await settle();
  expect(one.outcome).toBe('the process stops');
});
