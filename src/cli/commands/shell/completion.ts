import type { CliCommand, CliGroup } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

const SHELLS = ['bash', 'zsh'] as const;
const EVERYWHERE = ['--help', '--json', '--no-color', '--url', '--api-key'];

interface Table {
  readonly commands: readonly CliCommand[];
  readonly groups: readonly CliGroup[];
}

/** `tableOf`: the table that this command is itself a part of. */
export function createCompletionCommand(tableOf: () => Table): CliCommand {
  return {
    name: 'completion',
    summary: 'Print what has the shell complete commands and options',
    arguments: [{ name: '<shell>', description: SHELLS.join(' or ') }],
    examples: ['source <(errand completion bash)', 'errand completion zsh > ~/.errand-completion.zsh'],
    async run(context, given) {
      const shell = SHELLS.find((name) => name === given.argument(0));
      if (shell === undefined) throw new UsageError(`The shells are ${SHELLS.join(' and ')}.`);
      context.print(scriptOf(tableOf(), shell));
      return EXIT.ok;
    },
  };
}

/** One function for both: zsh has a layer for bash's completions. */
function scriptOf(table: Table, shell: (typeof SHELLS)[number]): string {
  const cases = [...candidatesOf(table)].map(([words, next]) => `    '${words}') next='${next.join(' ')}' ;;`);
  const script = [
    '_errand() {',
    "  local current=${COMP_WORDS[COMP_CWORD]} words='' word next=''",
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case $word in -*) ;; *) words="${words:+$words }$word" ;; esac',
    '  done',
    '  # Behind a whole command stand its arguments.',
    '  while :; do',
    '    case $words in',
    ...cases.map((line) => `  ${line}`),
    '    esac',
    '    [ -n "$next" ] && break',
    "    case $words in *' '*) words=${words% *} ;; *) words='' ;; esac",
    '  done',
    '  COMPREPLY=($(compgen -W "$next" -- "$current"))',
    '}',
    'complete -o default -F _errand errand',
  ];
  return (shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit', ...script] : script).join('\n');
}

/** By the words typed so far: what may come next. */
function candidatesOf({ commands, groups }: Table): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const add = (words: string, next: readonly string[]): void => {
    const known = found.get(words) ?? new Set();
    for (const each of next) known.add(each);
    found.set(words, known);
  };
  for (const command of commands) {
    const words = command.name.split(' ');
    for (const [index, word] of words.entries()) add(words.slice(0, index).join(' '), [word]);
    add(command.name, [...optionsOf(command), ...EVERYWHERE]);
    const group = groups.find(({ name, standsFor }) => command.name === `${name} ${standsFor}`);
    if (group !== undefined) add(group.name, optionsOf(command));
  }
  add('', ['--help', '--version']);
  return new Map([...found].map(([words, next]) => [words, [...next]]));
}

/** `--limit <number>` is completed as `--limit`. */
function optionsOf({ options = [] }: CliCommand): readonly string[] {
  return options.flatMap(({ flags }) => flags.match(/--[a-z][a-z-]*/g) ?? []);
}
