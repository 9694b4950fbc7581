import { estimateJsonLength, type Json, type JsonObject } from '../../../core/json.js';
import { renderDryRun } from '../../../core/render/render-checked.js';
import type { DryRun, GivenOutcomes } from '../../../core/workflow/dry-run.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { ACCEPTED_TRY, TRY_WORKFLOW_INPUT, TRY_WORKFLOW_OUTPUT } from '../schemas/try-schemas.js';
import { type Definition, missing, readDefinition } from './read-definition.js';

/** Hosts show no more. */
const MAX_SHOWN = 20_000;

interface TryArguments {
  readonly definition?: Definition;
  readonly draft_id?: string;
  readonly input?: JsonObject;
  readonly outputs?: GivenOutcomes;
}

export const tryWorkflow = defineTool<TryArguments>({
  name: 'try_workflow',
  title: 'Try a workflow definition',
  description:
    'Runs a definition or a draft with its effects replaced: requests, models, tools, questions and other workflows give what outputs says, or a sample that fits their schemas; waits take no time. Nothing is reached, kept or charged. Try before you publish.',
  inputSchema: TRY_WORKFLOW_INPUT,
  accepts: ACCEPTED_TRY,
  outputSchema: TRY_WORKFLOW_OUTPUT,
  mutates: false,
  scope: 'workflows:write',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ definition, draft_id: draftId, input = {}, outputs: outcomes = {} }, { services, caller }) => {
    if ((definition === undefined) === (draftId === undefined))
      throw missing('definition', 'give definition or draft_id, one of them');
    const what = draftId === undefined ? await readDefinition(definition ?? '') : { draftId };
    const run = await services.tryWorkflow(caller, { ...what, input, outcomes });
    return { kind: 'value', value: show(run), text: tell(run) };
  },
});

function show(run: DryRun): JsonObject {
  const { nodes, output, ...rest } = renderDryRun(run);
  const whole = nodes.map(({ calls: _calls, ...node }) => node) as unknown as readonly JsonObject[];
  const isLong = estimateJsonLength([output, ...whole] as Json, MAX_SHOWN) > MAX_SHOWN;
  const cut = isLong ? 'The outputs are too long to be shown here: POST /api/v1/drafts/try gives them.' : null;
  return {
    ...(rest as unknown as JsonObject),
    output: isLong ? null : output,
    nodes: isLong ? whole.map((node) => ({ ...node, output: null })) : whole,
    cut,
  };
}

function tell({ status, error, nodes, credits }: DryRun): string {
  const failed = nodes
    .filter((node) => node.error !== null)
    .map(({ id, error: why }) => `${id}: ${why?.message ?? ''}`);
  const replaced = nodes.filter(({ replacedBy }) => replacedBy === 'stand_in').map(({ id }) => id);
  return [
    `The dry run has ${status === 'completed' ? 'completed' : `the status ${status}`}; such a run costs ${credits} credits.`,
    ...(error === null ? [] : [`${error.kind}: ${error.message}`]),
    ...failed,
    ...(replaced.length === 0 ? [] : [`Samples stood in for ${replaced.slice(0, 20).join(', ')}.`]),
  ].join('\n');
}
