import type { ChildProcess } from 'node:child_process';

export interface StartedPostgres {
  readonly url: string;
  readonly about: string;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
}

export function startPostgres(
  folder: string,
  options?: { readonly packageFrom?: string; readonly settings?: readonly string[] },
): Promise<StartedPostgres>;

/** Resolves when it has ended. */
export declare function stopProcess(child: ChildProcess, signal?: NodeJS.Signals): Promise<void>;
