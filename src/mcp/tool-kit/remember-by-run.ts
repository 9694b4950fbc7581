import type { Run } from '../../core/run/run.js';

/**
 * What is made of a run's record and of nothing else, kept for as long as the record is. Records never change, and the store gives the same
 * one until the run does: most polls see what the last one saw.
 */
export function rememberByRun(render: (run: Run) => string): (run: Run) => string {
  const known = new WeakMap<Run, string>();
  return (run) => {
    const before = known.get(run);
    if (before !== undefined) return before;
    const text = render(run);
    known.set(run, text);
    return text;
  };
}
