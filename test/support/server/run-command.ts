import { Readable } from 'node:stream';
import type { CliIo } from '../../../src/cli/terminal/io.js';
import { runCli } from '../../../src/cli/run-cli.js';

export interface CommandOptions {
  readonly env?: CliIo['env'];
  readonly stdin?: string;
  /** On a terminal this wide; in a pipe when not given. */
  readonly columns?: number;
  readonly now?: () => number;
  readonly onInterrupt?: CliIo['onInterrupt'];
}

/** Runs a command line in this process and gives what it wrote. */
export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const code = await runCli({
    argv,
    io: {
      stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
      stdout: {
        write: (text) => (out += text),
        ...(options.columns === undefined ? {} : { isTTY: true, columns: options.columns, rows: 30 }),
      },
      stderr: { write: (text) => (err += text) },
      env: options.env ?? {},
      now: options.now ?? Date.now,
      onInterrupt: options.onInterrupt ?? (() => () => undefined),
    },
  });
  return { code, out, err };
}
