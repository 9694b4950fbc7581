import type { ApiWorkflow } from '../../../api/api-types.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const workflowsListCommand: CliCommand = {
  name: 'workflows list',
  summary: 'List the workflows that the server offers',
  examples: ['errand workflows', "errand workflows --json | jq -r '.workflows[].id'"],
  async run(context) {
    const answer = await context.client().listWorkflows();
    context.printList<ApiWorkflow>(answer, {
      columns: [
        { header: 'ID', value: (workflow) => workflow.id, colour: () => 'bold' },
        { header: 'NAME', value: (workflow) => workflow.name, min: 10 },
        { header: 'VERSION', value: (workflow) => String(workflow.version), align: 'right' },
        { header: 'CREDITS', value: (workflow) => String(workflow.credits), align: 'right' },
        { header: 'AGENTS', value: (workflow) => String(workflow.agents.length), align: 'right', optional: true },
        { header: 'USUALLY', value: (workflow) => workflow.estimated_duration ?? '-', optional: true },
        {
          header: 'READY',
          value: ({ ready }) => (ready ? 'yes' : 'no'),
          colour: ({ ready }) => (ready ? null : 'yellow'),
          optional: true,
        },
        { header: 'DESCRIPTION', value: (workflow) => workflow.description, min: 16, optional: true },
      ],
      rows: answer.workflows,
      none: 'The server has no workflows.',
    });
    for (const [reason, ids] of groupNotReady(answer.workflows)) {
      context.note(`${ids.join(', ')} cannot be started yet: ${reason}`);
    }
    return EXIT.ok;
  },
};

/** By what is to be done about it, as many often lack the same. */
function groupNotReady(workflows: readonly ApiWorkflow[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { id, not_ready_because: reason } of workflows) {
    if (reason === null) continue;
    const ids = groups.get(reason);
    if (ids === undefined) groups.set(reason, [id]);
    else ids.push(id);
  }
  return groups;
}
