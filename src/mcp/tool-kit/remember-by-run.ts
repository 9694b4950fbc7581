import type { Run } from '../../core/run/run.js';

/**
 * What is made of a run's record and of nothing else, kept for as long as the record is. Records never change, and the
 * store gives the same one until the run does: most polls see what the last one saw.
 */
export function rememberByRun<T extends string | object | null>(make: (run: Run) => T): (run: Run) => T {
  const known = new WeakMap<Run, T>();
  return (run) => {
    const before = known.get(run);
    if (before !== undefined) return before;
    const made = make(run);
    known.set(run, made);
    return made;
  };
}
