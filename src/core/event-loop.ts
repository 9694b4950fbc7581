/** Work that goes on in promises alone keeps requests and timers waiting. It yields after so many milliseconds. */
const MAX_TURN_MS = 10;

/** When the present turn began to be counted; null when nobody has asked in it. */
let turnStartedAt: number | null = null;
/**
 * Those that yielded, in order. Each turn of the event loop lets as many go on as its time allows, and at least one.
 */
const yielded: (() => void)[] = [];
/** Those that wait for a turn of their own, in order. */
const alone: (() => void)[] = [];
/** Whether the present turn, or the one before, is somebody's own. */
let isOwned = false;

/**
 * For loops over lists as long as callers choose: null while this turn of the event loop is short, else what to await
 * before going on. All loops of the process share the time, so that many of them do not add up.
 */
export function yieldIfBusy(): Promise<void> | null {
  const now = performance.now();
  if (now - beginTurn(now) < MAX_TURN_MS) return null;
  return new Promise((resolve) => yielded.push(resolve));
}

/** When the present turn began to be counted: now, if nobody has asked in it. */
function beginTurn(now: number): number {
  if (turnStartedAt === null) {
    turnStartedAt = now;
    setImmediate(endTurn);
  }
  return turnStartedAt;
}

/**
 * Resolves in a turn of the event loop in which no loop goes on, and nobody else who waits for this: for what takes some
 * milliseconds and cannot be stopped in between, as making one text of many does.
 */
export function ownTurn(): Promise<void> {
  beginTurn(performance.now());
  return new Promise((resolve) => alone.push(resolve));
}

/** Resolves in the next turn of the event loop: for two pieces of work that would be long together. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Work that can stop between its steps. */
export type Steps<Result> = Generator<void | typeof ALONE, Result, void>;

/** What work yields before a step that takes some milliseconds: see `ownTurn`. */
export const ALONE = 'alone';

export function doAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does as many steps in a turn of the event loop as its time allows. */
export async function doInTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    const turn = step.value === ALONE ? ownTurn() : yieldIfBusy();
    if (turn !== null) await turn;
  }
}

/** Work of both sorts takes turns. */
function endTurn(): void {
  turnStartedAt = null;
  isOwned = alone.length > 0 && (yielded.length === 0 || !isOwned);
  if (isOwned) {
    // Loops that begin in this turn yield at once.
    turnStartedAt = Number.NEGATIVE_INFINITY;
    setImmediate(endTurn);
    alone.shift()?.();
  } else if (yielded.length > 0) {
    turnStartedAt = performance.now();
    setImmediate(endTurn);
    void resume(turnStartedAt);
  }
}

/** One after the other: what yielded first, and with it most of its run, is done before what came later begins. */
async function resume(startedAt: number): Promise<void> {
  do {
    yielded.shift()?.();
    // It does its work before this goes on.
    await Promise.resolve();
  } while (yielded.length > 0 && performance.now() - startedAt < MAX_TURN_MS);
}
