import type { Json, JsonObject } from '../../../core/json.js';
import { renderRunId } from '../../../core/render/run-id.js';
import type { Priority } from '../../../core/tenant/scheduling.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import type { BatchOutcome } from '../../../service/interface/services.js';
import { shorten } from '../../../core/text/cut-text.js';
import { shareWords } from '../../tool-kit/cut-output.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { readInput } from '../../tool-kit/run-input.js';
import { RUN_BATCH_INPUT, RUN_BATCH_OUTPUT } from '../schemas/many-schemas.js';
import { ACCEPTED } from '../schemas/native-schemas.js';
import { withWorkflowId } from './ids.js';

interface RunBatchArguments {
  readonly workflow_id: string;
  readonly inputs: readonly Json[];
  readonly idempotency_key?: string;
  readonly priority?: Priority;
  readonly tags?: readonly string[];
}

export const runBatch = defineTool<RunBatchArguments>({
  name: 'run_batch',
  title: 'Run a workflow many times',
  description:
    'Starts one run of a workflow for each input, up to 1,000, at once. Each costs what a run costs and has its own outcome: one bad input does not stop the others. ' +
    'Give tags, and find the runs by them with list_runs; pass an idempotency_key if you may have to repeat the call.',
  inputSchema: RUN_BATCH_INPUT,
  outputSchema: RUN_BATCH_OUTPUT,
  accepts: ACCEPTED.priority,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: true, idempotentHint: false, openWorldHint: true },
  run: async ({ workflow_id: asked, inputs, idempotency_key: key, priority, tags }, { services, caller }) => {
    const outcomes = await withWorkflowId(asked, async (workflowId) => {
      const schema = inputSchemaOf(await services.getWorkflow(caller, { workflowId }));
      const requests = inputs.map((input, index) => ({
        workflowId,
        input: readInput(input, schema),
        ...(key === undefined ? {} : { idempotencyKey: `${key}:${index}` }),
        ...(priority === undefined ? {} : { priority }),
        ...(tags === undefined ? {} : { tags }),
      }));
      return services.runBatch(caller, requests);
    });
    const refused = outcomes.flatMap((outcome, index) =>
      outcome.kind === 'refused'
        ? [{ index, code: outcome.error.code, message: shorten(outcome.error.message, shareWords(2 * MAX_TOLD)) }]
        : [],
    );
    const counts = {
      started: outcomes.filter(({ kind }) => kind === 'started').length,
      repeated: outcomes.filter(({ kind }) => kind === 'repeated').length,
      refused: refused.length,
    };
    const runs = outcomes.flatMap(renderStarted);
    const leftOut = Math.max(0, runs.length - MAX_SHOWN);
    const more = leftOut === 0 ? [] : [`The first ${MAX_SHOWN} runs are shown: list_runs finds the others.`];
    const lines = refused.slice(0, MAX_TOLD).map(({ index, message }) => `Input ${index}: ${message}`);
    const summary = `${counts.started} started, ${counts.repeated} started before, ${counts.refused} refused.`;
    return {
      kind: 'value',
      value: {
        ...counts,
        runs: runs.slice(0, MAX_SHOWN),
        ...(leftOut === 0 ? {} : { runs_left_out: leftOut }),
        refusals: refused.slice(0, MAX_TOLD),
      },
      text: [summary, ...more, ...lines].join('\n'),
    };
  },
});

/** Refusals that an answer tells: most are alike. */
const MAX_TOLD = 20;
/** Runs that it shows: some 15,000 characters. */
const MAX_SHOWN = 200;

function renderStarted(outcome: BatchOutcome, index: number): JsonObject[] {
  if (outcome.kind === 'refused') return [];
  return [{ index, run_id: renderRunId(outcome.run.id), created: outcome.kind === 'started' }];
}
