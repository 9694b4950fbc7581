import { readFields } from '../../core/search/read-fields.js';
import { UsageError } from '../terminal/usage-error.js';
import { type CliOption, type GivenOptions, optional } from './command.js';

/** What a run is found by, said when it is started. */
export const LABEL_OPTIONS: readonly CliOption[] = [
  { flags: '--tag <tag>', description: 'what the run is found by; may be given several times', isRepeatable: true },
  {
    flags: '--metadata <name=value>',
    description: 'what else is to be known of the run; may be given several times',
    isRepeatable: true,
  },
];

export function readLabels(given: GivenOptions) {
  const metadata = given.texts('metadata');
  return {
    ...optional('tags', given.texts('tag')),
    ...optional('metadata', metadata === undefined ? undefined : readPairs(metadata)),
  };
}

function readPairs(texts: readonly string[]): { readonly [name: string]: string } {
  const bad = texts.find((text) => text.indexOf('=') < 1);
  if (bad !== undefined) throw new UsageError(`--metadata must be name=value, such as region=eu; it is '${bad}'.`);
  return readFields(texts);
}
