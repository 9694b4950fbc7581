import { createHook, executionAsyncId, executionAsyncResource } from 'node:async_hooks';
import { Session } from 'node:inspector/promises';
import { readFileSync } from 'node:fs';

export const DIST = new URL('../../dist/', import.meta.url);

/** What a breakpoint asks for: it notes the call, and never stops the program. */
const NOTE = 'noteCall()';

/** The class of what setTimeout and setInterval return. */
const Timeout = timerClass();

/**
 * Records which functions of dist/ are called in this process, in order, and through which files each call came. What a
 * timer leads to that was set before the recording is left out: nothing that is recorded has caused it.
 * V8's coverage tells which functions there are, breakpoints whose condition notes the call tell the order.
 *
 * @typedef {{ file: string, via: string[] }} Call `via`: the files on the way to it, the nearest first, also through
 *   timers, promises and events
 */
export class CallRecorder {
  #session = new Session();
  #scripts = new Map();
  #known = new Set();
  /** @type {Call[]} */
  #calls = [];
  /** By asynchronous resource: what led to it, and whether a timer did that was set before the recording. */
  #origins = new Map();
  #hook = createHook({
    init: (id) =>
      this.#origins.set(id, { files: filesOf(stackNow()), from: executionAsyncId(), isOther: this.#isOther() }),
  });

  constructor() {
    this.#session.connect();
    this.#session.on('Debugger.scriptParsed', ({ params }) => this.#scripts.set(params.url, params.scriptId));
    globalThis.noteCall = () => this.#note();
  }

  /** Finds out which functions `work` calls, so that `record` sees them. */
  async learn(work) {
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await work();
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    await this.#session.post('Profiler.disable');
    await this.#session.post('Debugger.enable');
    for (const { url, functions } of result) {
      if (!url.startsWith(DIST.href)) continue;
      const text = readFileSync(new URL(url), 'utf8');
      for (const { ranges } of functions) {
        const [{ startOffset, count }] = ranges;
        if (count > 0 && startOffset > 0) await this.#watch(url, text, startOffset);
      }
    }
  }

  async #watch(url, text, offset) {
    const key = `${url}:${offset}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const before = text.slice(0, offset + 1).split('\n');
    const start = {
      scriptId: this.#scripts.get(url),
      lineNumber: before.length - 1,
      columnNumber: before.at(-1).length,
    };
    const { locations } = await this.#session.post('Debugger.getPossibleBreakpoints', {
      start,
      restrictToFunction: true,
    });
    if (locations.length === 0) return;
    await this.#session.post('Debugger.setBreakpoint', { location: locations[0], condition: NOTE });
  }

  /** @returns {Promise<Call[]>} */
  async record(work) {
    this.#calls = [];
    this.#origins.clear();
    this.#hook.enable();
    await work();
    this.#hook.disable();
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  #note() {
    if (this.#isOther()) return false;
    const [file, ...callers] = filesOf(stackNow());
    if (file === undefined) return false;
    const all = [...callers, ...this.#before(executionAsyncId())];
    this.#calls.push({ file, via: all.slice(all.findIndex((caller) => caller !== file)) });
    return false;
  }

  #isOther() {
    return this.#origins.get(executionAsyncId())?.isOther ?? executionAsyncResource() instanceof Timeout;
  }

  #before(id) {
    const files = [];
    const seen = new Set();
    for (let origin = this.#origins.get(id); origin !== undefined && !seen.has(origin);) {
      seen.add(origin);
      files.push(...origin.files);
      origin = this.#origins.get(origin.from);
    }
    return files;
  }
}

function timerClass() {
  const timer = setTimeout(() => undefined);
  clearTimeout(timer);
  return timer.constructor;
}

function stackNow() {
  const usual = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  const { stack } = new Error('here');
  Error.stackTraceLimit = usual;
  return stack;
}

/** The files of dist/ in a stack, the innermost first. */
function filesOf(stack) {
  return [...stack.matchAll(/(file:[^\s)]+?):\d+:\d+/g)].flatMap(([, url]) =>
    url.startsWith(DIST.href) ? [url.slice(DIST.href.length)] : [],
  );
}
