/** Work that goes on in promises alone keeps requests and timers waiting. It yields after so many milliseconds. */
const MAX_TURN_MS = 10;

/** When the present turn began to be counted; null when nobody has asked in it. */
let turnStartedAt: number | null = null;
/** Those that yielded, in order. Each turn of the event loop lets one of them go on. */
const yielded: (() => void)[] = [];

/**
 * For loops over lists as long as callers choose: null while this turn of the event loop is short, else what to await
 * before going on. All loops of the process share the time, so that many of them do not add up.
 */
export function yieldIfBusy(): Promise<void> | null {
  const now = performance.now();
  if (turnStartedAt === null) {
    turnStartedAt = now;
    if (yielded.length === 0) setImmediate(endTurn);
  }
  if (now - turnStartedAt < MAX_TURN_MS) return null;
  return new Promise((resolve) => yielded.push(resolve));
}

/** Resolves in the next turn of the event loop: for two pieces of work that would be long together. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function endTurn(): void {
  turnStartedAt = null;
  const next = yielded.shift();
  if (next === undefined) return;
  turnStartedAt = performance.now();
  setImmediate(endTurn);
  next();
}
