import { appendFileSync } from 'node:fs';

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
  return import('node:fs').then(({ existsSync, writeFileSync }) => {
    if (existsSync(input.mark)) return 'at last';
    writeFileSync(input.mark, '');
    throw Object.assign(new Error('not yet'), { kind: 'early', retryable: false });
  });
}
