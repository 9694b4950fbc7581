/** Begins to wait, and returns what undoes that. */
export type StartWait<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void;

/** Waits until `start` settles. When the signal aborts before, undoes the wait and rejects with what aborted it. */
export function abortable<T>(signal: AbortSignal, start: StartWait<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let undo = (): void => undefined;
    const abort = (): void => {
      undo();
      reject(signal.reason);
    };
    const settled = (): void => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    undo = start(
      (value) => {
        settled();
        resolve(value);
      },
      (error) => {
        settled();
        reject(error);
      },
    );
  });
}

/** What the work comes to, unless the signal aborts before. The work itself goes on: others may wait for it too. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return abortable(signal, (resolve, reject) => {
    work.then(resolve, reject);
    return () => undefined;
  });
}
