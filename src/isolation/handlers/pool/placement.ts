import type { Member } from './member.js';
import type { Lane, Task } from './task.js';

/** Calls that a worker may have been given and not begun: it may be in the midst of something. */
const MAX_UNBEGUN = 32;
/** So many times its size the pool grows to while workers compute without giving way. */
const MAX_GROWTH = 4;
/** So many times the pool's size of workers compute for one organization. */
const MAX_SHARE_OF_ORGANIZATION = 2;
/** What was cut off so often by others is done where there are no others. */
const MAX_CUTS = 5;
const ROUGH_FOR_MS = 600_000;
const MAX_ROUGH = 10_000;

/** What has ended a worker lately, by `Task.source`. */
export class RoughSources {
  readonly #until = new Map<string, number>();

  add(source: string | null): void {
    if (source === null) return;
    this.#until.delete(source);
    this.#until.set(source, performance.now() + ROUGH_FOR_MS);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MAX_ROUGH && oldest !== undefined) this.#until.delete(oldest);
  }

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  has(source: string): boolean {
    const until = this.#until.get(source) ?? 0;
    if (until > performance.now()) return true;
    this.#until.delete(source);
    return false;
  }
}

export function laneOf(task: Task, rough: RoughSources): Lane {
  const { job, crashes, cuts } = task;
  if (job.kind === 'inspect') return crashes === 0 ? 'inspect' : 'alone';
  if (crashes >= 2 || cuts >= MAX_CUTS) return 'alone';
  return !rough.isEmpty && rough.has(task.source) ? 'rough' : 'clean';
}

/** The worker that has the least to do of those that a task of the lane may go to now. */
export function pick(members: ReadonlySet<Member>, lane: Lane): Member | null {
  let best: Member | null = null;
  for (const member of members) {
    if (!isOpen(member, lane)) continue;
    if (best === null || member.calls.size < best.calls.size) best = member;
  }
  return best;
}

function isOpen(member: Member, lane: Lane): boolean {
  if (!member.isReady || member.busy !== null || member.unbegun >= MAX_UNBEGUN || !isUsable(member)) return false;
  return lane === 'alone' ? member.calls.size === 0 && member.lane !== 'rough' : isOf(member, lane);
}

function isUsable({ retireBy, verdict }: Member): boolean {
  return retireBy === null && verdict === null;
}

/** One with nothing to do is for any of the lanes that do no harm to it; what does harm has workers of its own. */
function isOf({ lane, calls, isReady }: Member, wanted: Lane): boolean {
  if (lane === wanted || lane === null) return true;
  return isReady && calls.size === 0 && (lane === 'inspect' || (lane === 'clean' && wanted !== 'rough'));
}

/** Whether one more worker may be started for a lane. */
export function mayStart(members: ReadonlySet<Member>, lane: Lane, size: number): boolean {
  const usable = [...members].filter(isUsable);
  if (usable.some(({ isReady }) => !isReady)) return false;
  const own = usable.filter((member) => isOf(member, lane));
  switch (lane) {
    case 'inspect':
      return own.length === 0;
    case 'rough':
    case 'alone':
      return usable.filter((member) => member.lane === 'rough' || member.lane === 'alone').length < size;
    case 'clean':
      return own.length < size || (own.length < size * MAX_GROWTH && own.every(({ busy }) => busy !== null));
  }
}

/**
 * Whether a task waits for others of its node, or of its organization, that compute without giving way: they are not
 * to have every worker.
 */
export function isHeldBack(members: ReadonlySet<Member>, task: Task, lane: Lane, size: number): boolean {
  let ofSource = 0;
  let ofOrganization = 0;
  for (const member of members) {
    if (member.busy === null) continue;
    const { call } = member.busy;
    if (member.sourceOf(call) === task.source) ofSource += 1;
    if (member.calls.get(call)?.task.organizationId === task.organizationId) ofOrganization += 1;
  }
  return (
    ofSource >= (lane === 'rough' ? Math.max(1, size - 1) : Math.max(2, size)) ||
    ofOrganization >= size * MAX_SHARE_OF_ORGANIZATION
  );
}
