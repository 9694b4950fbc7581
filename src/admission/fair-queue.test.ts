import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGE_PER_PRIORITY_MS, FairQueue, type Ticket } from './fair-queue.js';
import { Gate } from './gate.js';

const AT = Date.UTC(2026, 10, 21);
const slots = (limit: number | null): Gate =>
  new Gate({ words: { what: 'a free slot', active: 'runs are active' }, limit });

let made = 0;
function ticket(organizationId: string, rest: Partial<Ticket> = {}): Ticket {
  return { id: `t${(made += 1)}`, organizationId, lane: 'w', gates: [], priority: 0, since: AT, ...rest };
}

function fill(queue: FairQueue<Ticket>, organizationId: string, count: number): void {
  for (let n = 0; n < count; n += 1) queue.add(ticket(organizationId, { since: AT + n }));
}

describe('the queue', () => {
  it("lets an organization's single run wait for one slot though another has 10,000 pending", () => {
    const queue = new FairQueue<Ticket>(slots(4));
    fill(queue, 'big', 10_000);
    const active: Ticket[] = [];
    for (let next = queue.takeNext(AT); next !== null; next = queue.takeNext(AT)) active.push(next);
    expect(active).toHaveLength(4);
    const single = ticket('small', { since: AT + 60_000 });
    expect(queue.tryEnter(single, AT + 60_000)).toBe(false);
    queue.add(single);
    const [first] = active;
    if (first !== undefined) queue.leave(first);
    expect(queue.takeNext(AT + 60_001)).toBe(single);
  });

  it('shares the slots equally, however long the runs of one take', () => {
    const queue = new FairQueue<Ticket>(slots(10));
    fill(queue, 'slow', 1_000);
    fill(queue, 'quick', 1_000);
    const active: Ticket[] = [];
    const start = (): void => {
      for (let next = queue.takeNext(AT); next !== null; next = queue.takeNext(AT)) active.push(next);
    };
    start();
    for (let round = 0; round < 200; round += 1) {
      // Only runs of `quick` end.
      const index = active.findIndex((candidate) => candidate.organizationId === 'quick');
      const [ended] = active.splice(index, 1);
      if (ended !== undefined) queue.leave(ended);
      start();
      expect(active.filter((candidate) => candidate.organizationId === 'slow')).toHaveLength(5);
    }
  });

  it('passes over an organization that is at its limit, and over a workflow that is', () => {
    const limited = new Gate({ words: { what: "its organization's limit", active: 'runs are active' }, limit: 1 });
    const workflow = new Gate({ words: { what: 'the limit of workflow slow', active: 'runs are active' }, limit: 1 });
    const queue = new FairQueue<Ticket>(slots(100));
    const held = [ticket('a', { gates: [limited] }), ticket('b', { lane: 'slow', gates: [workflow] })];
    for (const each of held) expect(queue.tryEnter(each, AT)).toBe(true);
    const ofA = ticket('a', { gates: [limited] });
    const ofSlow = ticket('b', { lane: 'slow', gates: [workflow] });
    const free = ticket('b', { lane: 'other', since: AT + 5 });
    for (const each of [ofA, ofSlow, free]) queue.add(each);
    expect(queue.explain(ofA.id, AT)).toBe("its organization's limit: 1 of 1 runs are active");
    expect(queue.explain(ofSlow.id, AT)).toBe('the limit of workflow slow: 1 of 1 runs are active');
    expect(queue.takeNext(AT)).toBe(free);
    expect(queue.takeNext(AT)).toBeNull();
    if (held[1] !== undefined) queue.leave(held[1]);
    expect(queue.takeNext(AT)).toBe(ofSlow);
  });

  it('puts what is of high priority first, but what is low waits no longer than its age makes up for', () => {
    const queue = new FairQueue<Ticket>(slots(null));
    const low = ticket('a', { priority: -10, since: AT });
    const normal = ticket('a', { since: AT + 1_000 });
    const high = ticket('a', { priority: 10, since: AT + 2_000 });
    const later = ticket('a', { since: AT + 10 * AGE_PER_PRIORITY_MS + 1 });
    for (const each of [low, normal, high, later]) queue.add(each);
    expect([1, 2, 3, 4].map(() => queue.takeNext(AT))).toEqual([high, normal, low, later]);
  });

  it('gets a run of low priority on while runs of normal priority never stop coming', () => {
    const queue = new FairQueue<Ticket>(slots(1));
    const low = ticket('a', { priority: -10, since: AT });
    queue.add(low);
    let now = AT;
    let turn: Ticket | null = null;
    for (let n = 0; turn !== low; n += 1) {
      expect(n).toBeLessThan(400);
      now += 1_000;
      queue.add(ticket('a', { since: now }));
      if (turn !== null) queue.leave(turn);
      turn = queue.takeNext(now);
    }
    expect(now - AT).toBeLessThanOrEqual(10 * AGE_PER_PRIORITY_MS + 2_000);
  });

  it('does not let priority take from another organization', () => {
    const queue = new FairQueue<Ticket>(slots(2));
    for (let n = 0; n < 10; n += 1) queue.add(ticket('pushy', { priority: 10 }));
    const modest = ticket('modest', { priority: -10, since: AT + 60_000 });
    queue.add(modest);
    expect([queue.takeNext(AT), queue.takeNext(AT)]).toContain(modest);
  });

  it('takes any out in no time, however many wait', () => {
    const queue = new FairQueue<Ticket>(slots(1));
    const tickets = Array.from({ length: 50_000 }, () => ticket('a'));
    for (const each of tickets) queue.add(each);
    for (const each of tickets.toReversed()) expect(queue.remove(each.id)).toBe(each);
    expect(queue.size).toBe(0);
    expect(queue.remove(tickets[0]?.id ?? '')).toBeNull();
  });

  it('keeps to every limit and leaves nobody behind, whatever comes and goes', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'end', 'remove'),
      at: fc.nat(40),
      org: fc.nat(3),
      lane: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
        const common = slots(limit);
        const ofOrganization = [1, 2, 3, 4].map((most) => slots(most));
        const ofLane = [1, 2, 3].map((most) => slots(most));
        const queue = new FairQueue<Ticket>(common);
        const active: Ticket[] = [];
        const waiting = new Set<Ticket>();
        const start = (): void => {
          for (let next = queue.takeNext(AT); next !== null; next = queue.takeNext(AT)) {
            active.push(next);
            waiting.delete(next);
          }
        };
        for (const { kind, at, org, lane } of steps) {
          if (kind === 'add') {
            const gates = [ofOrganization[org] ?? common, ofLane[lane] ?? common];
            const added = ticket(`o${org}`, { lane: `l${lane}`, gates, priority: (at % 21) - 10 });
            if (queue.tryEnter(added, AT)) active.push(added);
            else {
              queue.add(added);
              waiting.add(added);
            }
          } else if (kind === 'end') {
            const [ended] = active.splice(at % Math.max(1, active.length), 1);
            if (ended !== undefined) queue.leave(ended);
          } else {
            const gone = [...waiting][at % Math.max(1, waiting.size)];
            if (gone !== undefined) queue.remove(gone.id);
            if (gone !== undefined) waiting.delete(gone);
          }
          start();
          expect(active.length).toBeLessThanOrEqual(limit);
          for (const [index, gate] of ofOrganization.entries()) expect(gate.active).toBeLessThanOrEqual(index + 1);
          for (const [index, gate] of ofLane.entries()) expect(gate.active).toBeLessThanOrEqual(index + 1);
          // Whoever still waits has a closed gate before it.
          for (const each of waiting) expect([common, ...each.gates].every((gate) => gate.isOpen(AT))).toBe(false);
        }
        while (active.length > 0) {
          const ended = active.pop();
          if (ended !== undefined) queue.leave(ended);
          start();
        }
        expect(queue.size).toBe(0);
        expect(common.active).toBe(0);
      }),
    );
  });
});
