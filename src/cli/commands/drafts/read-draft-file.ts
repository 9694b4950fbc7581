import { readFile } from 'node:fs/promises';
import type { ApiWorkflowText } from '../../../api/authoring-types.js';
import { errorMessage } from '../../../core/errors.js';
import type { CliContext } from '../../command/cli-context.js';
import { readAll } from '../../command/read-input.js';
import { UsageError } from '../../terminal/usage-error.js';

export const FILE = { name: '<file>', description: 'YAML, or JSON by its name; - for standard input' };

/** The text of a definition: from a file, or what comes in. */
export async function readDraftFile(context: CliContext, file: string): Promise<Required<ApiWorkflowText>> {
  const format = file.endsWith('.json') ? 'json' : 'yaml';
  if (file === '-') return { text: await readAll(context.io.stdin), format };
  try {
    return { text: await readFile(file, 'utf8'), format };
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${errorMessage(error)}`);
  }
}
