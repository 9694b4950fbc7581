import type { Json } from '../../../core/json.js';
import type { Priority } from '../../../core/tenant/scheduling.js';
import { ACCEPTED, RERUN_INPUT, RERUN_OUTPUT, RETRY_RUN_INPUT, RETRY_RUN_OUTPUT } from '../schemas/native-schemas.js';
import type { CallContext } from '../../contract/call-context.js';
import { nullIfNotFound } from '../../tool-kit/not-found.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import { readInput } from '../../tool-kit/run-input.js';
import { validatorOf } from '../../tool-kit/validator.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { withRunId } from './ids.js';
import { tellRepeat } from '../views/repeat-action.js';
import { summaryOutcome } from '../views/summary-outcome.js';
import { renderRunId } from '../../../core/render/run-id.js';

export const retryRun = defineTool<{ readonly run_id: string }>({
  name: 'retry_run',
  title: 'Retry a run',
  description:
    'Resumes a run that is failed, cancelled or partial_complete: what failed or was cut short runs again, with everything that depends on it; what had completed is kept. ' +
    'It stays the same run. The credits that it has not cost yet are reserved again.',
  inputSchema: RETRY_RUN_INPUT,
  outputSchema: RETRY_RUN_OUTPUT,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async ({ run_id: asked }, call) => {
    const { services, caller } = call;
    const run = await withRunId(asked, (runId) => services.retryRun(caller, { runId }));
    return await summaryOutcome(run, asked, call);
  },
});

interface RerunArguments {
  readonly run_id: string;
  readonly input?: Json;
  readonly instruction?: string;
  readonly from_node?: string;
  readonly same_version?: boolean;
  readonly idempotency_key?: string;
  readonly priority?: Priority;
}

export const rerun = defineTool<RerunArguments>({
  name: 'rerun',
  title: 'Rerun a run',
  description:
    'Repeats the work of an earlier run as a new run, at the price of a run: with the same input or another, on the newest version of the workflow. ' +
    'With from_node it begins at that node and keeps the outcomes that do not depend on it. To continue a run that failed, retry_run is cheaper.',
  inputSchema: RERUN_INPUT,
  accepts: { ...ACCEPTED.input, ...ACCEPTED.priority },
  outputSchema: RERUN_OUTPUT,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async ({ run_id: asked, ...args }, call) => {
    const { services, caller } = call;
    const { input, from_node: fromNode, same_version: sameVersion, idempotency_key: idempotencyKey, ...rest } = args;
    const { run, created } = await withRunId(asked, async (runId) =>
      services.rerun(caller, {
        runId,
        ...rest,
        ...(input === undefined ? {} : await readAnotherInput(input, runId, call)),
        ...(fromNode === undefined ? {} : { fromNode }),
        ...(sameVersion === undefined ? {} : { sameVersion }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    );
    return tellRepeat(await summaryOutcome(run, renderRunId(run.id), call, { created }), run, created);
  },
});

/**
 * The input of a rerun as it was meant, by the newest version of the workflow; none for an empty text that is no input
 * there.
 */
async function readAnotherInput(
  input: Json,
  runId: string,
  { services, caller }: CallContext,
): Promise<{ readonly input?: Json }> {
  const { workflowId } = await services.getRun(caller, { runId });
  const workflow = await services.getWorkflow(caller, { workflowId }).catch(nullIfNotFound);
  if (workflow === null) return { input };
  const schema = inputSchemaOf(workflow);
  return input === '' && !validatorOf(schema).fits('') ? {} : { input: readInput(input, schema) };
}
