import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HandlerContext } from '../../../src/core/handlers/node-kind.js';
import type { Json } from '../../../src/core/json.js';
import { silentLogger } from '../../../src/core/ports/logger.js';
import {
  HandlerWorkers,
  type HandlerWorkersOptions,
  type WorkerKind,
} from '../../../src/isolation/handlers/handler-workers.js';
import { createNodeContext, type NodeReports } from '../../../src/testing/node-context.js';

export interface LogLine {
  readonly level: string;
  readonly fields: { readonly [name: string]: unknown };
  readonly message: string;
}

export interface CallOptions {
  readonly input?: Json;
  /** When it is given up, in milliseconds from the call. */
  readonly timeoutMs?: number;
  readonly context?: Partial<HandlerContext>;
  /** How often it was cut off before. */
  readonly cutOffs?: number;
  /** Within which time it is to begin, and what is called each time before. */
  readonly fresh?: { readonly ms: number; readonly confirm: () => void };
}

/** Handlers from a module that a test wrote, in real workers. */
export class HandlersUnderTest {
  readonly #folder = mkdtempSync(join(tmpdir(), 'errand-handlers-'));
  readonly #workers: HandlerWorkers;
  readonly #kind: WorkerKind;
  #modules = 0;
  readonly lines: LogLine[] = [];

  constructor(kind: WorkerKind = 'process', options: Partial<HandlerWorkersOptions> = {}) {
    this.#kind = kind;
    const log = (level: string) => (fields: object, message: string) => {
      this.lines.push({ level, fields: { ...fields }, message });
    };
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    this.#workers = new HandlerWorkers({
      workers: 2,
      memoryMb: 64,
      silenceMs: 2_000,
      maxCrashes: 3,
      logger,
      ...options,
    });
  }

  get folder(): string {
    return this.#folder;
  }

  /** Gives its path. */
  write(code: string): string {
    const file = join(this.#folder, `module-${(this.#modules += 1)}.mjs`);
    writeFileSync(file, code);
    return file;
  }

  call(file: string, name: string, options: CallOptions = {}): Promise<unknown> {
    return this.start(file, name, options).result;
  }

  start(
    file: string,
    name: string,
    { input = {}, timeoutMs, context: given = {}, cutOffs = 0, fresh }: CallOptions = {},
  ): { result: Promise<unknown>; reports: NodeReports; noted: number[]; abort: (reason: Error) => void } {
    const { context, reports } = createNodeContext({ input });
    const abort = new AbortController();
    const onAbort = (listener: (reason: Error) => void): (() => void) => {
      const tell = (): void => listener(abort.signal.reason as Error);
      abort.signal.addEventListener('abort', tell);
      return () => abort.signal.removeEventListener('abort', tell);
    };
    const handler = this.#workers.handlerAt({ file, export: name, nodeId: null }, this.#kind);
    const log = this.#logger();
    const noted: number[] = [];
    const noteCutOff = async (times: number): Promise<void> => void noted.push(times);
    const beginWork = (): null => {
      fresh?.confirm();
      return null;
    };
    const freshMs = fresh?.ms ?? null;
    const bounds = { timeoutMs: timeoutMs ?? null, onAbort, cutOffs, beginWork, freshMs, noteCutOff };
    const result = handler.call({ ...context, log, ...given }, bounds);
    if (timeoutMs !== undefined) setTimeout(() => abort.abort(new Error('its time is up')), timeoutMs).unref();
    return { result, reports, noted, abort: (reason) => abort.abort(reason) };
  }

  inspect(file: string): ReturnType<HandlerWorkers['inspect']> {
    return this.#workers.inspect(file);
  }

  close(): void {
    this.#workers.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #logger(): HandlerContext['log'] {
    const own = (level: string) => (fields: object, message: string) => {
      this.lines.push({ level, fields: { ...fields, own: true }, message });
    };
    return { ...silentLogger, debug: own('debug'), info: own('info'), warn: own('warn'), error: own('error') };
  }
}
