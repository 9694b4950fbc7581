import { expect, it } from 'vitest';
import { Verdict } from '../../chaos/checks/verdict.js';
import { checkMessages } from '../../chaos/checks/check-messages.js';
import { checkSchedule } from '../../chaos/checks/check-schedule.js';
import type { Evidence } from '../../chaos/checks/check.js';
import type { RunRecord } from '../../chaos/records.js';
import type { Message } from '../../chaos/world/receiver.js';
import { PERIOD_MS, type WorldEvidence } from '../../chaos/world/world.js';

const START = Date.parse('2026-11-29T06:00:00.000Z');
const at = (time: number): number => START + time * PERIOD_MS;

function runOf(run: string, workflow: string, kinds: readonly string[]): [string, RunRecord] {
  const log = kinds.map((kind, index) => ({
    seq: index + 1,
    at: '',
    kind,
    node_id: null,
    data: kind === 'node.waiting' ? { for: 'answer' } : {},
  }));
  return [run, { run, record: { workflow_id: workflow }, log } as unknown as RunRecord];
}

const message = (to: Message['to'], version: number, type: string, changes: Partial<Message> = {}): Message => ({
  at: 0,
  to,
  id: `${to} ${version}`,
  isSigned: true,
  isTaken: true,
  type,
  run: 'asks',
  version,
  ...changes,
});

/** A run that asked, was cancelled and completed once it was retried, and three times of a schedule. */
const MESSAGES: readonly Message[] = (['webhook', 'callback'] as const).flatMap((to) => [
  message(to, 2, 'run.waiting', { isTaken: false }),
  message(to, 2, 'run.waiting'),
  message(to, 3, 'run.cancelled'),
  message(to, 5, 'run.completed'),
  message(to, 5, 'run.completed'),
]);
const FIRINGS = [0, 1, 2].map((time) => ({ run: `tick ${time}`, moment: at(time) }));
const RUNS = [
  runOf('asks', 'question', ['run.created', 'node.waiting', 'run.cancelled', 'run.retried', 'run.completed']),
  ...FIRINGS.map(({ run }) => runOf(run, 'tick', ['run.created'])),
];

function violations(world: Partial<WorldEvidence>, runs = RUNS): readonly string[] {
  const verdict = new Verdict();
  const evidence = {
    told: [{ what: 'accepted', run: 'asks', hasCallback: true }],
    records: { runs: new Map(runs) },
    world: {
      messages: MESSAGES,
      unsent: [],
      isPatient: true,
      from: at(0),
      to: at(3),
      readAt: at(2.5),
      firings: FIRINGS,
      ...world,
    },
  } as unknown as Evidence;
  checkMessages(verdict, evidence);
  checkSchedule(verdict, evidence);
  return verdict.violations;
}

const withMessages = (change: (message: Message) => Message | null): readonly string[] =>
  violations({
    messages: MESSAGES.flatMap((one) => {
      const changed = change(one);
      return changed === null ? [] : [changed];
    }),
  });

it('the checker finds nothing in messages and times that are as they must be', () => {
  expect(violations({})).toEqual([]);
});

it.each<[string, (message: Message) => Message | null]>([
  ['messages are signed', (one) => ({ ...one, isSigned: one.version !== 3 })],
  [
    'ends and questions were told to the webhook: run.cancelled of asks at 3',
    (one) => (one.id === 'webhook 3' ? null : one),
  ],
  [
    'ends and questions were told to the callback: run.waiting of asks at 2',
    (one) => (one.id === 'callback 2' ? null : one),
  ],
  ['ends and questions were told to the webhook', (one) => ({ ...one, isTaken: one.id !== 'webhook 5' })],
  ['messages of an event have one id', (one) => ({ ...one, id: one.isTaken ? one.id : 'another' })],
  ['ids of messages are of one event', (one) => ({ ...one, id: one.version === 3 ? `${one.to} 2` : one.id })],
  ['messages tell of what is in the log', (one) => ({ ...one, type: one.version === 3 ? 'run.failed' : one.type })],
  ['messages tell of what is in the log', (one) => ({ ...one, version: one.version === 3 ? 6 : one.version })],
  // The second is not sent while the first is refused.
  ['messages of a run came in its order', (one) => (one.version === 2 && one.isTaken ? null : one)],
])('the checker sees it where not holds that %s', (what, change) => {
  expect(withMessages(change).join('\n')).toContain(what);
});

it('the checker sees messages of one run that came in another order', () => {
  expect(violations({ messages: MESSAGES.toReversed() }).join('\n')).toContain('came in its order');
});

it('the checker lets messages wait where there was no time for them, and never lets them be given up', () => {
  const messages = MESSAGES.filter(({ version, to }) => version !== 5 || to === 'callback');
  const waiting = { messages, unsent: [{ run: 'asks', event: 'run.completed', state: 'pending' as const }] };
  expect(violations({ ...waiting, isPatient: false })).toEqual([]);
  expect(violations(waiting).join('\n')).toContain('ends and questions were told to the webhook');
  const failed = violations({ ...waiting, isPatient: false, unsent: [{ ...waiting.unsent[0]!, state: 'failed' }] });
  expect(failed.join('\n')).toContain('messages are not given up');
});

it.each<[string, Partial<WorldEvidence>]>([
  ['times of schedules started a run', { firings: [FIRINGS[0]!, FIRINGS[2]!] }],
  ['times of schedules started one run', { firings: [...FIRINGS, { run: 'tick 1', moment: at(2) }] }],
  ['times of schedules started one run', { firings: [...FIRINGS, { run: 'tick 1', moment: at(2) + 1 }] }],
  ['runs of schedules are of one of its times', { firings: FIRINGS.slice(0, 2), to: at(2), readAt: at(1) }],
  ['runs of schedules are there', { firings: [...FIRINGS, { run: 'gone', moment: at(3) }] }],
  ['schedules come to their times', { readAt: at(4) }],
])('the checker sees it where of a schedule not holds that %s', (what, world) => {
  expect(violations(world).join('\n')).toContain(what);
});

it('the checker lets a schedule leave out times where it is more than a hundred of them behind', () => {
  const startedLate = (by: number): readonly string[] => {
    const [asks, first, , last] = RUNS;
    if (asks === undefined || first === undefined || last === undefined) throw new Error('a run is missing');
    const record = { ...last[1].record, created_at: new Date(at(1) + by * PERIOD_MS).toISOString() };
    const runs = [asks, first, [last[0], { ...last[1], record }] as (typeof RUNS)[number]];
    return violations({ firings: [FIRINGS[0]!, FIRINGS[2]!] }, runs);
  };
  expect(startedLate(100).join('\n')).toContain('none was started for');
  expect(startedLate(101)).toEqual([]);
});
