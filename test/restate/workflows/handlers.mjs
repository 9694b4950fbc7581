import { appendFileSync, existsSync, writeFileSync } from 'node:fs';

/** Works for `ms`, and writes down when it begins and ends: what a run has really done, whatever its log says. */
export async function work({ input, runId, signal }) {
  const note = (what) =>
    input.journal === undefined ? undefined : appendFileSync(input.journal, `${runId ?? ''} ${what}\n`);
  note('begins');
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, input.ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('aborted'));
    });
  });
  note('ends');
  return 'worked';
}

export function failsOnce({ input }) {
  if (existsSync(input.mark)) return 'at last';
  writeFileSync(input.mark, '');
  throw Object.assign(new Error('not yet'), { kind: 'early', retryable: false });
}

/** Works until the file `mark` is there. */
export async function untilMarked({ input, signal }) {
  while (!existsSync(input.mark)) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
