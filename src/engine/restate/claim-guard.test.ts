import { beforeEach, expect, it } from 'vitest';
import { unlimitedSlots, type NodeSlotRequest } from '../../core/ports/node-slots.js';
import { ManualClock, settle } from '../../testing/manual-clock.js';
import { ClaimGuard } from './claim-guard.js';

const request = (runId: string, signal = new AbortController().signal): NodeSlotRequest => ({
  runId,
  nodeId: 'n',
  organizationId: 'o',
  workflowId: 'w',
  resource: null,
  pool: null,
  priority: 0,
  signal,
});

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

function guarded() {
  const guard = new ClaimGuard({
    clock,
    knownAt: (runId) => known.get(runId) ?? null,
    findLost: async (runIds) => {
      asked.push(runIds);
      return new Set(await answer(runIds));
    },
  });
  return { guard, slots: guard.guard(unlimitedSlots) };
}

it('lets work begin at once on what was known a moment ago, and for runs that no call has given', async () => {
  const { slots } = guarded();
  await clock.advance(999);
  expect(slots.take(request('a')) instanceof Promise).toBe(false);
  await clock.advance(60_000);
  expect(slots.take(request('unknown')) instanceof Promise).toBe(false);
  expect(asked).toEqual([]);
});

it('asks before work begins on what was known a while ago, until there is an answer, for all runs together', async () => {
  const { slots } = guarded();
  let answers = 0;
  answer = async () => {
    answers += 1;
    if (answers < 3) throw new Error('the database is away');
    return [];
  };
  await clock.advance(1_000);
  let taken = 0;
  for (const runId of ['a', 'b']) void Promise.resolve(slots.take(request(runId))).then(() => (taken += 1));
  await clock.advance(900);
  expect([taken, asked.length]).toEqual([0, 2]);
  await clock.advance(500);
  expect([taken, asked]).toEqual([
    2,
    [
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ],
  ]);
});

it("begins nothing of a run that is found to be another process's, however long its driver takes to leave it", async () => {
  const { slots } = guarded();
  answer = async () => ['a'];
  await clock.advance(5_000);
  const left = new AbortController();
  const outcomes: string[] = [];
  const take = async (runId: string, signal?: AbortSignal): Promise<void> => {
    outcomes.push(`${runId} ${await Promise.resolve(slots.take(request(runId, signal))).then(() => 'taken', String)}`);
  };
  void take('a', left.signal);
  void take('b');
  await settle();
  await clock.advance(60_000);
  expect(outcomes).toEqual(['b taken']);
  left.abort('another has it');
  await settle();
  expect(outcomes).toEqual(['b taken', 'a another has it']);
});

it('begins nothing that cannot be found out any more once it is stopped', async () => {
  const { guard, slots } = guarded();
  answer = () => Promise.reject(new Error('the database is away'));
  await clock.advance(1_000);
  const left = new AbortController();
  let outcome: unknown = 'none';
  void Promise.resolve(slots.take(request('a', left.signal))).then(
    () => (outcome = 'taken'),
    (error: unknown) => (outcome = error),
  );
  await clock.advance(400);
  guard.stop();
  await clock.advance(60_000);
  expect([outcome, asked.length]).toEqual(['none', 2]);
  left.abort('the process stops');
  await settle();
  expect(outcome).toBe('the process stops');
});
