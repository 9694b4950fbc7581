import { readSecret } from './read-secret.js';

/** What the command line reads from and writes to; tests hand in their own. */
export interface CliIo {
  readonly stdin: AsyncIterable<string | Uint8Array>;
  /** Asks the person at the terminal, without showing what is typed; null when nobody is there. */
  readonly readSecret?: ((prompt: string) => Promise<string>) | null;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: { readonly [name: string]: string | undefined };
  readonly now: () => number;
  /** Calls back on Ctrl-C or a request to end, which then no longer end the process. Returns what undoes that. */
  readonly onInterrupt: (listener: (signal: NodeJS.Signals) => void) => () => void;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** A terminal that can move its cursor. */
export function isLiveTerminal(output: Output, env: CliIo['env']): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb';
}

export function processIo(): CliIo {
  return {
    stdin: process.stdin,
    readSecret: process.stdin.isTTY
      ? (prompt) => readSecret({ prompt, stdin: process.stdin, stderr: process.stderr })
      : null,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: Date.now,
    onInterrupt: (listener) => {
      const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
  };
}
