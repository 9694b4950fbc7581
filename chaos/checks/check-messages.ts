import type { ApiEvent } from '../../src/api/api-types.js';
import type { Message, Target } from '../world/receiver.js';
import type { Evidence } from './check.js';
import { groupBy } from './group-by.js';
import type { Verdict } from './verdict.js';

const ENDS = new Set(['run.completed', 'run.partially_completed', 'run.failed', 'run.cancelled']);

/** The kind of message that is to tell of an event; null for none. */
function messageOf({ kind, data }: ApiEvent): string | null {
  if (ENDS.has(kind)) return kind;
  return kind === 'node.waiting' && data['for'] === 'answer' ? 'run.waiting' : null;
}

const place = (to: Target, run: string, version: number): string => `${to} ${run} ${version}`;

/**
 * That whoever asked to be told of runs was told of each end and question at least once, signed, under one id for each,
 * in the order of the run, and of nothing that did not happen.
 */
export function checkMessages(verdict: Verdict, evidence: Evidence): void {
  const { messages } = evidence.world;
  for (const { isSigned, to, id } of messages)
    verdict.hold('messages are signed', isSigned, () => `${id} to the ${to}`);
  checkIds(verdict, messages);
  checkHappened(verdict, evidence);
  checkTold(verdict, evidence);
  for (const [name, own] of groupBy(messages, ({ to, run }) => `${to} ${run}`)) checkOrder(verdict, name, own);
}

function checkIds(verdict: Verdict, messages: readonly Message[]): void {
  for (const [name, own] of groupBy(messages, ({ to, run, version }) => place(to, run, version)))
    verdict.hold(
      'messages of an event have one id',
      new Set(own.map(({ id }) => id)).size === 1,
      () => `${name}: ${own.map(({ id }) => id).join(', ')}`,
    );
  for (const [id, own] of groupBy(messages, (message) => message.id))
    verdict.hold(
      'ids of messages are of one event',
      new Set(own.map(({ to, run, version }) => place(to, run, version))).size === 1,
      () => `${id}: ${own.map(({ to, run, version }) => place(to, run, version)).join(', ')}`,
    );
}

function checkHappened(verdict: Verdict, { world, records }: Evidence): void {
  for (const { to, run, version, type } of world.messages) {
    const event = records.runs.get(run)?.log[version - 1];
    verdict.hold(
      'messages tell of what is in the log',
      event !== undefined && messageOf(event) === type,
      () => `the ${to} was told of ${type} of ${run} at ${version}, which is ${event?.kind ?? 'not there'}`,
    );
  }
}

function checkTold(verdict: Verdict, { world, records, told }: Evidence): void {
  const { messages, unsent, isPatient } = world;
  const taken = new Set(messages.filter((one) => one.isTaken).map(({ to, run, version }) => place(to, run, version)));
  const waiting = new Set(unsent.flatMap(({ run, event, state }) => (state === 'pending' ? [`${run} ${event}`] : [])));
  const withCallback = new Set(
    told.flatMap((entry) => (entry.what === 'accepted' && entry.hasCallback ? [entry.run] : [])),
  );
  for (const { run, log } of records.runs.values()) {
    const targets: readonly Target[] = withCallback.has(run) ? ['webhook', 'callback'] : ['webhook'];
    for (const event of log) {
      const type = messageOf(event);
      if (type === null) continue;
      for (const to of targets)
        verdict.hold(
          `ends and questions were told to the ${to}`,
          taken.has(place(to, run, event.seq)) || (!isPatient && waiting.has(`${run} ${type}`)),
          () => `${type} of ${run} at ${event.seq}`,
        );
    }
  }
  for (const { run, event, state } of unsent)
    verdict.hold('messages are not given up', state !== 'failed', () => `${event} of ${run}`);
}

/** `own`: of one run, to one target, as they came. One may come again at any time; receivers tell it by its id. */
function checkOrder(verdict: Verdict, name: string, own: readonly Message[]): void {
  const [known, taken] = [new Set<number>(), new Set<number>()];
  for (const { version, isTaken } of own) {
    if (!known.has(version))
      verdict.hold(
        'messages of a run came in its order',
        own.every((one) => one.version >= version || taken.has(one.version)),
        () => `${name}: ${own.map((one) => `${one.version}${one.isTaken ? '' : ' (refused)'}`).join(', ')}`,
      );
    known.add(version);
    if (isTaken) taken.add(version);
  }
}
