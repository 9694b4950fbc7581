import type { Known, KnownSources } from './known-sources.js';
import type { Member } from './member.js';
import { isHarmful, type Lane, type Task } from './task.js';

/** Calls that a worker may have been given and not begun: it may be in the midst of something. */
const MAX_UNBEGUN = 32;
/** One that has said nothing for so long, and has calls, may be in the midst of something. */
const LATE_MS = 3;
/** So many times its size the pool grows to while workers compute without giving way. */
const MAX_GROWTH = 4;
/** So many times the pool's size of workers compute for one organization. */
const MAX_SHARE_OF_ORGANIZATION = 2;
/** What was cut off so often by others is done where there are no others. */
const MAX_CUTS = 5;
/** More calls of nodes that compute are begun than there are cores when those that do have done so for so long. */
const LONG_MS = 2_000;

export function laneOf(task: Task, { rough, proven }: Known): Lane {
  const { job, crashes, cuts } = task;
  if (job.kind === 'inspect') return crashes === 0 ? 'inspect' : 'alone';
  if (crashes >= 2 || cuts >= MAX_CUTS) return 'alone';
  if (!rough.isEmpty && rough.has(task.source)) return 'rough';
  if (crashes > 0) return 'suspect';
  return proven.has(task.source) ? 'clean' : 'fresh';
}

/**
 * The worker that has the least to do of those that a task of the lane may go to now. Short calls go to the first that
 * answers: to wake several workers, and to be woken by them, costs more than what they do.
 */
export function pick(members: ReadonlySet<Member>, lane: Lane, short: { readonly now: number } | null): Member | null {
  let best: Member | null = null;
  for (const member of members) {
    if (!isOpen(member, lane)) continue;
    if (short !== null && (member.calls.size === 0 || short.now - member.heardAt < LATE_MS)) return member;
    if (best === null || member.calls.size < best.calls.size) best = member;
  }
  return best;
}

/**
 * For a call of a node that is new: beside as few calls of others as can be, as it may compute without giving way, and
 * so may they.
 */
export function pickForNew(members: ReadonlySet<Member>, source: string): Member | null {
  let best: Member | null = null;
  let fewest = Infinity;
  for (const member of members) {
    if (!isOpen(member, 'fresh')) continue;
    const others = countOthers(member, source);
    if (others > fewest || (others === fewest && best !== null && member.calls.size >= best.calls.size)) continue;
    best = member;
    fewest = others;
  }
  return best;
}

/** How many calls it has that are of other nodes. */
export function countOthers({ calls }: Member, source: string): number {
  let count = 0;
  for (const { task } of calls.values()) if (task.source !== source) count += 1;
  return count;
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
  return isReady && calls.size === 0 && (lane === 'inspect' || (isHarmless(lane) && wanted !== 'rough'));
}

function isForHarm({ lane }: Member): boolean {
  return lane !== null && isHarmful(lane);
}

function isHarmless(lane: Lane): boolean {
  return lane === 'clean' || lane === 'fresh' || lane === 'suspect';
}

/** What decides where a task may go. */
export interface PlacementParams {
  readonly task: Task;
  readonly lane: Lane;
  /** How many workers there are for what has done no harm. */
  readonly size: number;
  /** Those that have computed without giving way. */
  readonly heavy: KnownSources;
  readonly now: number;
}

/**
 * Whether one more worker may be started for a lane. One starts at a time, but nobody waits for the start of one that
 * is for what does harm: that starts behind all others, which takes long where they compute.
 */
export function mayStart(members: ReadonlySet<Member>, lane: Lane, size: number): boolean {
  const usable = [...members].filter(isUsable);
  if (usable.some((member) => !member.isReady && isForHarm(member) === isHarmful(lane))) return false;
  const own = usable.filter((member) => isOf(member, lane));
  switch (lane) {
    case 'inspect':
      return own.length === 0;
    case 'rough':
    case 'alone':
      return usable.filter(isForHarm).length < size;
    case 'clean':
    case 'fresh':
    case 'suspect':
      if (own.length < (lane === 'suspect' ? 1 : size)) return true;
      return own.length < size * MAX_GROWTH && own.every(({ busy }) => busy !== null);
  }
}

/**
 * Whether a task waits for others of its node, or of its organization, that compute without giving way: they are not
 * to have every worker. What has ended well and does not compute itself takes none from others, and does not wait for
 * those of its organization. Where it is one that computes itself, it waits for a core as long as one is likely to get free:
 * more such calls than cores at a time come to an end later.
 */
export function isHeldBack(members: ReadonlySet<Member>, params: PlacementParams): boolean {
  const { task, lane, size, heavy, now } = params;
  let ofSource = 0;
  let ofOrganization = 0;
  let inLane = 0;
  let isOneShort = false;
  for (const member of members) {
    if (member.busy === null) continue;
    const { call, since } = member.busy;
    if (member.sourceOf(call) === task.source) ofSource += 1;
    if (member.calls.get(call)?.task.organizationId !== task.organizationId) continue;
    ofOrganization += 1;
    if (member.lane !== lane) continue;
    inLane += 1;
    if (now - since < LONG_MS) isOneShort = true;
  }
  if (ofSource >= (lane === 'rough' ? Math.max(1, size - 1) : Math.max(2, size))) return true;
  const isLight = lane === 'clean' && !heavy.has(task.source);
  if (ofOrganization >= size * MAX_SHARE_OF_ORGANIZATION) return !isLight;
  return inLane >= size && isOneShort && heavy.has(task.source);
}
