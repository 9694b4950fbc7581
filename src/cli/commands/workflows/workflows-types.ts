import { workflowTypes } from '../../../api/types/workflow-types.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const workflowsTypesCommand: CliCommand = {
  name: 'workflows types',
  summary: 'Write what goes into and comes out of each workflow, in TypeScript',
  details: 'For programs that use the client: `connect<Workflows>()` then knows the input and output of each workflow.',
  examples: ['errand workflows types > workflows.ts'],
  async run(context) {
    const { workflows } = await context.client().listWorkflows();
    const text = workflowTypes(workflows);
    if (context.json) context.printJson({ typescript: text });
    else context.print(text.trimEnd());
    return EXIT.ok;
  },
};
