import { ErrandError } from '../../core/errors.js';
import { parseRunId } from '../../core/render/run-id.js';

/** Throws `not_found` for what is no run id at all. */
export function readRunId(param: (name: string) => string): string {
  const runId = parseRunId(param('id'), 'optional');
  if (runId === null) throw new ErrandError('not_found', 'There is no run with this id.');
  return runId;
}
