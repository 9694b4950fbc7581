import { ErrandError } from '../../../core/errors.js';
import { nullIfNotFound, quoteId } from '../../tool-kit/not-found.js';
import { parseRunId } from '../../../core/render/run-id.js';

/** Does something with the run of this id. What is not found gets the same words whoever it may belong to. */
export async function withRunId<T>(asked: string, use: (runId: string) => Promise<T>): Promise<T> {
  const runId = parseRunId(asked);
  const found = runId === null ? null : await use(runId).catch(nullIfNotFound);
  if (found !== null) return found;
  throw new ErrandError('not_found', `No run has the id ${quoteId(asked)}.`);
}

export async function withWorkflowId<T>(asked: string, use: (workflowId: string) => Promise<T>): Promise<T> {
  const found = await use(asked).catch(nullIfNotFound);
  if (found !== null) return found;
  throw new ErrandError('not_found', `No workflow has the id ${quoteId(asked)}. list_workflows gives the ids.`);
}
