import { sampleValue } from '../core/handlers/sample-value.js';
import { NodeFailure, Suspension, type NodeKind } from '../core/handlers/node-kind.js';

/** Runs another workflow; the output is that run's output. */
export const workflowKind: NodeKind = {
  kind: 'workflow',
  description: 'Runs another workflow, as a run of its own.',
  fields: {
    workflow: {
      description: "The workflow's id.",
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'template',
      names: 'workflow',
    },
    version: {
      description: 'Its version; the newest at that moment when not given.',
      schema: { type: 'integer', minimum: 1 },
      role: 'template',
      names: 'workflow_version',
    },
    credits: {
      description:
        '`own` (the default): the run reserves and pays what its workflow costs. `included`: what the run that starts it costs pays for it.',
      schema: { enum: ['own', 'included'] },
      role: 'plain',
    },
  },
  waits: true,
  async standIn({ input, fields, describeWorkflow, checkJson }) {
    const workflowId = fields['workflow'] as string;
    const found = describeWorkflow(workflowId);
    if (found === null)
      throw new NodeFailure(`There is no workflow "${workflowId}"`, {
        kind: 'not_found',
        retryable: false,
      });
    const [problem] = await checkJson(found.inputSchema, input);
    if (problem === undefined) return sampleValue(found.outputSchema ?? {});
    const message = `The input does not fit: ${problem.path} ${problem.message}`;
    throw new NodeFailure(message, { kind: 'invalid_input', retryable: false });
  },
  async execute({ input, fields, startRun }) {
    const { workflow, version, credits } = fields;
    const { runId } = await startRun({
      workflowId: workflow as string,
      version: typeof version === 'number' ? version : null,
      input,
      ...(credits === 'included' ? { isIncluded: true } : {}),
    });
    return new Suspension({ for: 'run', until: null, runId });
  },
};
