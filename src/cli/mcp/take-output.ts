import { Writable } from 'node:stream';
import type { Output } from '../terminal/io.js';

/**
 * Keeps an output for messages alone: whatever else in this process prints there, a handler of a workflow for one, goes
 * to `rest` instead. `write` resolves when there is room for more. `onGone`: nobody reads any more.
 */
export function takeOutput(params: { readonly output: Output; readonly rest: Output; readonly onGone: () => void }): {
  readonly write: (line: string) => Promise<void>;
  readonly release: () => void;
} {
  const { output, rest, onGone } = params;
  if (!(output instanceof Writable)) {
    return { write: async (line) => void output.write(`${line}\n`), release: () => undefined };
  }
  const own = output.write.bind(output);
  output.on('error', onGone);
  output.write = (text: string | Uint8Array, ...more: unknown[]): boolean => {
    rest.write(typeof text === 'string' ? text : Buffer.from(text).toString());
    const done = more.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  return {
    write: (line) => new Promise<void>((resolve) => own(`${line}\n`, 'utf8', () => resolve())),
    release: () => {
      output.write = own;
      output.off('error', onGone);
    },
  };
}
