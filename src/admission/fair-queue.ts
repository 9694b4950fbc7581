/**
 * Who goes next, when not all can.
 *
 * 1. Nothing passes a gate that is closed.
 * 2. Among organizations, the one with the least under way goes first; of equals, the one that was served longest ago.
 *    So a long queue of one organization delays another by no more than the next slot to come free.
 * 3. Within an organization, the older goes first, and each point of priority counts as half a minute of age: what is
 *    low is overtaken only by what comes within that time after it.
 * 4. Adding, taking out and leaving cost the same however many wait; choosing looks at each organization that has
 *    something waiting.
 *
 * It is given the time, and decides; it starts nothing.
 */
import type { Gate } from './gate.js';

export interface Ticket {
  readonly id: string;
  readonly organizationId: string;
  /** Tickets of one organization in the same lane pass the same gates. */
  readonly lane: string;
  readonly gates: readonly Gate[];
  /** Infinite: before all others of its organization. */
  readonly priority: number;
  /** When it began to wait, epoch milliseconds. */
  readonly since: number;
}

/** How much age a point of priority is worth. */
export const AGE_PER_PRIORITY_MS = 30_000;

interface Link<T> {
  readonly ticket: T;
  readonly line: Line<T>;
  before: Link<T> | null;
  after: Link<T> | null;
}

/** Those of one lane and priority, in the order in which they came. */
interface Line<T> {
  readonly lane: Lane<T>;
  readonly priority: number;
  first: Link<T> | null;
  last: Link<T> | null;
}

interface Lane<T> {
  readonly name: string;
  readonly share: Share<T>;
  readonly gates: readonly Gate[];
  readonly lines: Map<number, Line<T>>;
}

/** What one organization has waiting and under way. */
interface Share<T> {
  readonly organizationId: string;
  readonly lanes: Map<string, Lane<T>>;
  active: number;
  servedAt: number;
}

export class FairQueue<T extends Ticket> {
  readonly #common: Gate;
  readonly #shares = new Map<string, Share<T>>();
  readonly #links = new Map<string, Link<T>>();
  #served = 0;

  /** `common` is a gate that all pass. */
  constructor(common: Gate) {
    this.#common = common;
  }

  /** How many wait. */
  get size(): number {
    return this.#links.size;
  }

  /** How many of an organization are under way. */
  activeOf(organizationId: string): number {
    return this.#shares.get(organizationId)?.active ?? 0;
  }

  has(id: string): boolean {
    return this.#links.has(id);
  }

  /** Goes ahead at once when nothing keeps it back; then it counts as under way, and `leave` must follow. */
  tryEnter(ticket: T, now: number): boolean {
    // Whoever waits does so at a closed gate; so one that finds all of its own open passes nobody who could go.
    if (!this.#common.isOpen(now) || !areOpen(ticket.gates, now)) return false;
    this.enter(ticket, now);
    return true;
  }

  /** Counts it as under way, whatever the gates say; `leave` must follow. */
  enter(ticket: T, now: number): void {
    this.#enter(ticket, this.#shareOf(ticket.organizationId), now);
  }

  add(ticket: T): void {
    const line = lineOf(this.#shareOf(ticket.organizationId), ticket);
    const link: Link<T> = { ticket, line, before: line.last, after: null };
    if (line.last === null) line.first = link;
    else line.last.after = link;
    line.last = link;
    this.#links.set(ticket.id, link);
  }

  /** Takes one out that waits; null when none with this id does. */
  remove(id: string): T | null {
    const link = this.#links.get(id);
    if (link === undefined) return null;
    this.#unlink(link);
    this.#dropIfIdle(link.line.lane.share);
    return link.ticket;
  }

  /** Takes out all that wait. */
  takeAll(): T[] {
    const tickets = [...this.#links.values()].map(({ ticket }) => ticket);
    for (const { id } of tickets) this.remove(id);
    return tickets;
  }

  /** Takes out the next that may go ahead, and counts it as under way. Null when none may. */
  takeNext(now: number): T | null {
    const next = this.pickNext(now);
    if (next === null) return null;
    const link = this.#links.get(next.id);
    if (link === undefined) return null;
    this.#unlink(link);
    this.#enter(next, link.line.lane.share, now);
    return next;
  }

  /** The next that may go ahead. */
  pickNext(now: number): T | null {
    if (this.#links.size === 0 || !this.#common.isOpen(now)) return null;
    let best: Share<T> | null = null;
    let chosen: T | null = null;
    for (const share of this.#shares.values()) {
      if (best !== null && !isBefore(share, best)) continue;
      const ticket = pickOf(share, now);
      if (ticket === null) continue;
      best = share;
      chosen = ticket;
    }
    return chosen;
  }

  /** One that was under way has ended. */
  leave(ticket: T): void {
    this.#common.leave();
    for (const gate of ticket.gates) gate.leave();
    const share = this.#shareOf(ticket.organizationId);
    share.active -= 1;
    this.#dropIfIdle(share);
  }

  /** The first moment at which time alone lets one of those that wait go ahead; null when only an end does. */
  opensAt(now: number): number | null {
    let first: number | null = null;
    for (const share of this.#shares.values()) {
      for (const { gates } of share.lanes.values()) {
        for (const gate of [this.#common, ...gates]) {
          const at = gate.opensAt(now);
          if (at !== null && (first === null || at < first)) first = at;
        }
      }
    }
    return first;
  }

  /** What one waits for, as a phrase; null when none with this id does. */
  explain(id: string, now: number): string | null {
    const link = this.#links.get(id);
    if (link === undefined) return null;
    const closed = [this.#common, ...link.ticket.gates].findLast((gate) => !gate.isOpen(now));
    return closed?.explain(now) ?? 'its turn';
  }

  #enter(ticket: T, share: Share<T>, now: number): void {
    this.#common.enter(now);
    for (const gate of ticket.gates) gate.enter(now);
    share.active += 1;
    share.servedAt = this.#served += 1;
  }

  #shareOf(organizationId: string): Share<T> {
    let share = this.#shares.get(organizationId);
    if (share === undefined) {
      share = { organizationId, lanes: new Map(), active: 0, servedAt: 0 };
      this.#shares.set(organizationId, share);
    }
    return share;
  }

  #dropIfIdle(share: Share<T>): void {
    if (share.active === 0 && share.lanes.size === 0) this.#shares.delete(share.organizationId);
  }

  #unlink(link: Link<T>): void {
    const { line, before, after, ticket } = link;
    if (before === null) line.first = after;
    else before.after = after;
    if (after === null) line.last = before;
    else after.before = before;
    this.#links.delete(ticket.id);
    if (line.first !== null) return;
    const { lane } = line;
    lane.lines.delete(line.priority);
    if (lane.lines.size === 0) lane.share.lanes.delete(lane.name);
  }
}

function lineOf<T extends Ticket>(share: Share<T>, ticket: T): Line<T> {
  let lane = share.lanes.get(ticket.lane);
  if (lane === undefined) {
    lane = { name: ticket.lane, share, gates: ticket.gates, lines: new Map() };
    share.lanes.set(ticket.lane, lane);
  }
  let line = lane.lines.get(ticket.priority);
  if (line === undefined) {
    line = { lane, priority: ticket.priority, first: null, last: null };
    lane.lines.set(ticket.priority, line);
  }
  return line;
}

function areOpen(gates: readonly Gate[], now: number): boolean {
  for (const gate of gates) if (!gate.isOpen(now)) return false;
  return true;
}

function isBefore<T>(share: Share<T>, other: Share<T>): boolean {
  if (share.active !== other.active) return share.active < other.active;
  return share.servedAt < other.servedAt;
}

function pickOf<T extends Ticket>(share: Share<T>, now: number): T | null {
  let chosen: T | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const lane of share.lanes.values()) {
    if (!areOpen(lane.gates, now)) continue;
    for (const { first } of lane.lines.values()) {
      if (first === null) continue;
      const { ticket } = first;
      const rank = ticket.since - ticket.priority * AGE_PER_PRIORITY_MS;
      if (chosen !== null && rank >= least) continue;
      chosen = ticket;
      least = rank;
    }
  }
  return chosen;
}
