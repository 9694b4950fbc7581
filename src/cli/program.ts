import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { nearestWord } from '../workflow/schema/did-you-mean.js';
import { CliContext } from './command/cli-context.js';
import type { GlobalOptions } from './command/cli-context.js';
import { DEFAULT_URL } from '../api/client/client.js';
import { GivenOptions } from './command/command.js';
import type { CliCommand, CliGroup } from './command/command.js';
import type { CliIo } from './terminal/io.js';
import { createStyle, wantsColour } from './terminal/style.js';
import type { Style } from './terminal/style.js';
import { UsageError } from './terminal/usage-error.js';

const OVERVIEW = `
Settings of every command but serve, demo, workflows check, backup, restore, drill, doctor,
init and completion:
  ERRAND_URL      where the server is (default: ${DEFAULT_URL})
  ERRAND_API_KEY  a key of that server

Exit codes:
  0  done                      1  error
  2  wrong usage               3  the run ended failed
  4  the run was cancelled     5  the run ended partial_complete
  6  the run had not ended within --wait
  3 to 6 come from watch, run --watch and run --wait.`;

const EXAMPLES = [
  'errand serve',
  'errand workflows',
  `errand run site_checkup --input '{"url": "https://example.com"}' --watch`,
  'errand runs --status failed',
] as const;

export interface ProgramParams {
  readonly io: CliIo;
  readonly argv: readonly string[];
  readonly commands: readonly CliCommand[];
  readonly groups: readonly CliGroup[];
  readonly onExitCode: (exitCode: number) => void;
}

/** Makes commander's program of the command table. Parsing it runs the command that is named. */
export function createProgram(params: ProgramParams): Command {
  const { io, argv, commands, groups } = params;
  const noColorFlag = argv.includes('--no-color');
  const coloured = wantsColour({ output: io.stdout, env: io.env, noColorFlag });
  const program = new Command('errand')
    .description('Run agent workflows for other programs over MCP: start, poll, and never lose a run.')
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Errors are thrown, and shown in one place, as text or as JSON.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(io.stdout.columns ?? 100, 110),
      getOutHasColors: () => coloured,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => createStyle(true)('bold', text),
      styleSubcommandText: (text) => createStyle(true)('cyan', text),
      styleOptionText: (text) => createStyle(true)('cyan', text),
    })
    .version(readVersion(), '--version', 'print the version')
    .option('--url <url>', `the server (default: ERRAND_URL, or ${DEFAULT_URL})`)
    .option('--api-key <key>', 'the API key (default: ERRAND_API_KEY)')
    .option('--json', 'print one JSON document, and errors as JSON too')
    .option('--no-color', 'print without colours (as NO_COLOR does)')
    .helpOption('-h, --help', 'show this help');
  const style = createStyle(coloured);
  program.addHelpText('after', `${OVERVIEW}\n\n${examplesText(EXAMPLES, style)}`);
  const parents = new Map<string, Command>();
  for (const command of commandsNamed(commands, argv)) {
    const [first, second] = command.name.split(' ');
    const group = groups.find((candidate) => candidate.name === first);
    if (group === undefined || second === undefined) {
      addCommand({ ...params, parent: program, name: command.name, command, style });
      continue;
    }
    const parent =
      parents.get(group.name) ?? program.command(group.name).description(group.summary).usage('<command> [options]');
    parents.set(group.name, parent);
    addCommand({ ...params, parent, name: second, command, style, isDefault: second === group.standsFor });
  }
  return program;
}

/** Those that begin with the first word; all of them where none does, for the help and for what is misspelled. */
function commandsNamed(commands: readonly CliCommand[], argv: readonly string[]): readonly CliCommand[] {
  const word = argv.find((argument) => !argument.startsWith('-'));
  const named = commands.filter(({ name }) => name.split(' ')[0] === word);
  return named.length === 0 ? commands : named;
}

function addCommand(
  params: ProgramParams & {
    readonly parent: Command;
    readonly name: string;
    readonly command: CliCommand;
    readonly style: Style;
    readonly isDefault?: boolean;
  },
): void {
  const { io, parent, command, style } = params;
  const isDefault = params.isDefault === true;
  const added = parent
    .command(params.name, { isDefault })
    .summary(command.summary)
    .description(command.details === undefined ? `${command.summary}.` : `${command.summary}.\n\n${command.details}`)
    // A word that names no command of the group ends up with the group's default command.
    .allowExcessArguments(isDefault)
    .addHelpText('after', `\n${examplesText(command.examples, style)}`);
  for (const argument of command.arguments ?? []) added.argument(argument.name, argument.description);
  for (const option of command.options ?? []) {
    const text = option.env === undefined ? option.description : `${option.description}; also ${option.env}`;
    const made = new Option(option.flags, text);
    if (option.isRepeatable === true)
      made.argParser((value, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
    added.addOption(option.choices === undefined ? made : made.choices([...option.choices]));
  }
  added.action(async () => {
    if (isDefault && added.args.length > (command.arguments?.length ?? 0))
      throw unknownInGroup(parent, added.args[0] ?? '');
    const context = new CliContext(io, added.optsWithGlobals<GlobalOptions>());
    params.onExitCode(await command.run(context, new GivenOptions(added.args, added.opts())));
  });
}

function unknownInGroup(group: Command, word: string): UsageError {
  const names = group.commands.map((command) => command.name());
  const guess = nearestWord(word, names);
  const hint = guess === null ? `It has: ${names.join(', ')}.` : `Did you mean ${guess}?`;
  return new UsageError(`unknown command '${group.name()} ${word}'. ${hint}`);
}

function examplesText(examples: readonly string[], style: Style): string {
  return [style('bold', 'Examples:'), ...examples.map((example) => `  ${example}`)].join('\n');
}

/** Two folders up from here is the package's own, from src/ and from dist/ alike. */
function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
