import type { ApiBatch, ApiBatchOutcome } from '../../../../api/api-types.js';
import type { BodyOf } from '../../../../api/endpoint.js';
import type { startRuns } from '../../../../api/endpoints/runs.js';
import { listItemOf } from '../../../../core/run/output-json.js';
import type { Principal } from '../../../../core/tenant/principal.js';
import { toCallback } from '../../../../core/webhooks/webhook.js';
import type { BatchOutcome, RunWorkflowParams, Services } from '../../../../service/interface/services.js';
import { renderError } from '../../../transport/replies.js';
import { given } from '../../query.js';
import { renderRunListItem } from '../../render/render.js';

type Request = BodyOf<typeof startRuns>['runs'][number];

/** Starts many runs, and says what became of each. */
export async function startBatch(
  services: Pick<Services, 'runBatch'>,
  caller: Principal,
  { runs }: BodyOf<typeof startRuns>,
): Promise<ApiBatch> {
  const outcomes = await services.runBatch(caller, runs.map(toRunParams));
  const count = (kind: BatchOutcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  return {
    started: count('started'),
    repeated: count('repeated'),
    refused: count('refused'),
    outcomes: outcomes.map(renderOutcome),
  };
}

/** What a request of the API asks for. */
export function toRunParams(request: Request): RunWorkflowParams {
  const { workflow_id: workflowId, input, instruction, idempotency_key: idempotencyKey, callback, ...rest } = request;
  return {
    workflowId,
    input: input ?? {},
    ...given({ instruction, idempotencyKey, priority: rest.priority, tags: rest.tags, metadata: rest.metadata }),
    ...(callback === undefined ? {} : { callback: toCallback(callback) }),
  };
}

function renderOutcome(outcome: BatchOutcome): ApiBatchOutcome {
  if (outcome.kind === 'refused') return { outcome: 'refused', run: null, error: renderError(outcome.error) };
  return { outcome: outcome.kind, run: renderRunListItem(listItemOf(outcome.run)), error: null };
}
