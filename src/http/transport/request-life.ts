import { setMaxListeners } from 'node:events';
import type { Exchange } from './exchange.js';

/** How long somebody waits for an answer. */
export interface RequestLife {
  /**
   * Aborts when the client has gone, the server stops, or the life is ended. Made at the first call: most requests
   * never need it.
   */
  readonly signal: () => AbortSignal;
  readonly end: () => void;
}

/** Of every life that is over: one made for each takes longer than many an answer, as it records where it is made. */
const OVER = new DOMException('The request is over', 'AbortError');

export function requestLife(exchange: Exchange): RequestLife {
  const { closing } = exchange;
  let controller: AbortController | null = null;
  let undo: () => void = () => undefined;
  const end = (): void => {
    undo();
    controller?.abort(OVER);
  };
  return {
    signal: () => {
      if (controller !== null) return controller.signal;
      controller = new AbortController();
      // All calls of a batch wait on it.
      setMaxListeners(0, controller.signal);
      if (exchange.gone || closing.aborted) {
        controller.abort(OVER);
        return controller.signal;
      }
      const undoOver = exchange.onceOver(end);
      const undoClosing = onClosing(closing, end);
      undo = () => {
        undoOver();
        undoClosing();
      };
      return controller.signal;
    },
    end,
  };
}

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `end` when the server stops. Thousands may wait for that at a time: as listeners of the signal they would slow
 * each other down, for it goes through all of them whenever one comes or goes, and `AbortSignal.any` would have it
 * remember them all.
 */
function onClosing(closing: AbortSignal, end: () => void): () => void {
  let all = waiting.get(closing);
  if (all === undefined) {
    const made = new Set<() => void>();
    closing.addEventListener('abort', () => {
      for (const each of made) each();
    });
    waiting.set(closing, made);
    all = made;
  }
  const joined = all;
  joined.add(end);
  return () => void joined.delete(end);
}
