import type { HttpContext } from './app-deps.js';

/** How long somebody waits for an answer. */
export interface RequestLife {
  /** Aborts when the client has gone, the server stops, or the life is ended. Made at the first call: most requests never need it. */
  readonly signal: () => AbortSignal;
  readonly end: () => void;
}

/** `AbortSignal.any` would do, but the server's own signal would remember every request for as long as the server lives. */
export function requestLife(c: HttpContext): RequestLife {
  let controller: AbortController | null = null;
  const sources: AbortSignal[] = [];
  const abort = (): void => {
    for (const source of sources.splice(0)) source.removeEventListener('abort', abort);
    controller?.abort();
  };
  return {
    signal: () => {
      if (controller !== null) return controller.signal;
      controller = new AbortController();
      const { closing } = c.env;
      sources.push(c.req.raw.signal, ...(closing === undefined ? [] : [closing]));
      if (sources.some((source) => source.aborted)) abort();
      else for (const source of sources) source.addEventListener('abort', abort);
      return controller.signal;
    },
    end: abort,
  };
}
