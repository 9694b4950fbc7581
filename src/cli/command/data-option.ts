import { DEFAULT_DATA } from '../../app/config/config.js';
import type { CliContext } from './cli-context.js';
import type { CliOption, GivenOptions } from './command.js';

/** For commands that work on a data folder, without a server. */
export const dataOption: CliOption = {
  flags: '--data <folder>',
  description: 'the data folder (default: ./.errand)',
  env: 'ERRAND_DATA',
};

export function readDataFolder(context: CliContext, given: GivenOptions): string {
  return given.text('data') ?? context.env['ERRAND_DATA'] ?? DEFAULT_DATA;
}
