import { parseRunId } from '../../../../core/render/run-id.js';
import { invalidInput } from '../../../tool-kit/check-value.js';

/** Ids as they are kept; undefined where none were given. Throws `invalid_input` for what is no run id. */
export function readRunIds(path: string, ids: readonly string[] | undefined): readonly string[] | undefined {
  return ids?.map((text, index) => {
    const runId = parseRunId(text, 'optional');
    if (runId === null) throw invalidInput('The fields', [{ path: `/${path}/${index}`, message: 'is no run id' }]);
    return runId;
  });
}
