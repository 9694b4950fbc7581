import { CommanderError } from 'commander';
import { toCommand } from './command/spellings.js';
import { COMMANDS, GROUPS } from './command-table.js';
import { EXIT } from './terminal/exit-codes.js';
import type { CliIo } from './terminal/io.js';
import { createProgram } from './program.js';
import { renderFailure } from './view/render-failure.js';
import { createStyle, wantsColour } from './terminal/style.js';

/** The whole command line: `argv` is what was typed after `errand`. Gives the exit code; never throws. */
export async function runCli(params: { readonly argv: readonly string[]; readonly io: CliIo }): Promise<number> {
  const { io } = params;
  const argv = toCommand(params.argv);
  let exitCode: number = EXIT.ok;
  const program = createProgram({
    io,
    argv,
    commands: COMMANDS,
    groups: GROUPS,
    onExitCode: (code) => {
      exitCode = code;
    },
  });
  if (argv.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const noColorFlag = argv.includes('--no-color');
    const failure = renderFailure({
      error,
      json: argv.includes('--json'),
      style: createStyle(wantsColour({ output: io.stderr, env: io.env, noColorFlag })),
    });
    io.stderr.write(`${failure.text}\n`);
    return failure.exitCode;
  }
}
