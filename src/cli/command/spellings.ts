/** `errand types` and `errand run export <run>`: other spellings of commands, as what was typed in their place. */
export function toCommand(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => word === 'types' || word === 'run');
  if (at === -1 || argv.slice(0, at).some((word) => !word.startsWith('-'))) return argv;
  if (argv[at] === 'types') return argv.toSpliced(at, 0, 'workflows');
  const [action = '', what = '-'] = argv.slice(at + 1);
  // `run` takes one word: a workflow of this name is started as any other.
  const isOfRuns = (action === 'export' || action === 'open') && !what.startsWith('-');
  return isOfRuns ? argv.toSpliced(at, 1) : argv;
}
