import { renderEstimate } from '../../../core/render/render-estimate.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { ESTIMATE_OUTPUT } from '../schemas/many-schemas.js';
import { GET_WORKFLOW_INPUT } from '../schemas/catalog-schemas.js';
import { withWorkflowId } from './ids.js';

export const estimateWorkflow = defineTool<{ workflow_id: string }>({
  name: 'estimate_workflow',
  title: 'Estimate a run',
  description:
    'Says what a run of a workflow is likely to take, by the latest runs that completed (100 at most): time, credits, and the cost of its model calls. ' +
    'Ask it before you start many runs.',
  inputSchema: GET_WORKFLOW_INPUT,
  outputSchema: ESTIMATE_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ workflow_id: asked }, { services, caller }) => {
    const value = renderEstimate(
      await withWorkflowId(asked, (workflowId) => services.estimateWorkflow(caller, { workflowId })),
    );
    const { runs, credits, duration_seconds: took, credits_reserved: reserved } = value;
    const reserves = `A run reserves ${reserved} credits.`;
    if (took === null || credits === null)
      return { kind: 'value', value, text: `No run has completed yet. ${reserves}` };
    return {
      kind: 'value',
      value,
      text:
        `By the latest ${runs} that completed: half took ${took.p50} s or less and ${credits.p50} credits or less, ` +
        `nine in ten ${took.p90} s and ${credits.p90} credits. ${reserves}`,
    };
  },
});
