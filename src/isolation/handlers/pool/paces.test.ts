import { describe, expect, it } from 'vitest';
import type { HandlerContext } from '../../../core/handlers/node-kind.js';
import { silentLogger as logger } from '../../../core/ports/logger.js';
import { NO_BOUNDS } from '../../../testing/node-context.js';
import { Callee } from './callee.js';
import { Member } from './member.js';
import { Paces } from './paces.js';
import { pick } from './placement.js';
import { Task } from './task.js';
import type { LinkEvents } from './worker-link.js';

/** A worker that is ready, on a clock that the test moves. */
function openMember(clock: { now: number }) {
  let events: LinkEvents | null = null;
  const member = new Member({
    open: (given) => {
      events = given;
      return { post: () => undefined, kill: () => undefined, stepBack: () => undefined, hold: () => undefined };
    },
    events: {
      onChange: () => undefined,
      onEnded: () => undefined,
      onReturned: () => undefined,
      onGone: () => undefined,
    },
    logger,
    now: () => clock.now,
  });
  const say = (...messages: Parameters<LinkEvents['onMessages']>[0]): void => events?.onMessages(messages);
  say({ kind: 'ready' });
  return { member, say };
}

function newTask(paces: Paces): Task {
  const context = {
    input: null,
    node: { id: 'n', role: null, label: null },
    run: { id: 'run', workflowId: 'workflow', workflowVersion: 1 },
    organization: { id: 'organization', name: 'Organization' },
  } as unknown as HandlerContext;
  const callee = new Callee({ file: 'nodes.mjs', export: 'n', nodeId: null });
  const task = new Task(
    { kind: 'call', callee, context, bounds: NO_BOUNDS },
    () => undefined,
    () => undefined,
  );
  task.pace = paces.of(task.source);
  return task;
}

/** Gives the worker so many calls, which end together after so long. */
function work(
  opened: ReturnType<typeof openMember>,
  params: { clock: { now: number }; calls: number; tookMs: number },
) {
  const paces = new Paces();
  const tasks = Array.from({ length: params.calls }, () => newTask(paces));
  for (const task of tasks) opened.member.give(task, 'clean');
  const numbers = [...opened.member.calls.keys()];
  params.clock.now += params.tookMs;
  opened.say(...numbers.map((call) => ({ kind: 'done', call, value: { whole: null } }) as const));
  return paces.of(tasks[0]!.source);
}

describe('the calls of a node', () => {
  it.each([
    { calls: 10, tookMs: 1, isShort: true },
    { calls: 10, tookMs: 10, isShort: false },
    { calls: 2, tookMs: 0.1, isShort: false },
  ])('are short where a worker gets through $calls of them in $tookMs ms: $isShort', ({ calls, tookMs, isShort }) => {
    const clock = { now: 1_000 };
    expect(work(openMember(clock), { clock, calls, tookMs }).isShort).toBe(isShort);
  });

  it('are no longer short once some have taken longer', () => {
    const clock = { now: 1_000 };
    const pace = work(openMember(clock), { clock, calls: 10, tookMs: 1 });
    pace.note(20);
    expect(pace.isShort).toBe(false);
  });

  it('go to one worker as long as it answers where they are short, and to the one with the least to do otherwise', () => {
    const clock = { now: 1_000 };
    const [first, second] = [openMember(clock).member, openMember(clock).member];
    const members = new Set([first, second]);
    for (const member of members) member.joinLane('clean');
    first.give(newTask(new Paces()), 'clean');
    expect(pick(members, 'clean', null)).toBe(second);
    expect(pick(members, 'clean', { now: clock.now })).toBe(first);
    expect(pick(members, 'clean', { now: clock.now + 1_000 })).toBe(second);
  });
});
