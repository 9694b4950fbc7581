import type { JsonSchema } from '../../../core/json.js';
import { tellPrice } from '../../../core/render/render-price.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { renderPairs } from '../../terminal/table.js';
import { oneLine, safeText, wrap } from '../../terminal/text-width.js';

export const workflowsShowCommand: CliCommand = {
  name: 'workflows show',
  summary: 'Show one workflow: its agents, input and output',
  arguments: [{ name: '<id>', description: "the workflow's id" }],
  examples: ['errand workflows show site_checkup', 'errand workflows show site_checkup --json | jq .input_schema'],
  async run(context, given) {
    const workflow = await context.client().getWorkflow(given.argument(0));
    if (context.json) {
      context.printJson(workflow);
      return EXIT.ok;
    }
    const { style } = context;
    context.printLines([
      style('bold', oneLine(workflow.name)),
      ...wrap(safeText(workflow.description), context.width ?? 100),
      '',
      ...renderPairs(
        [
          ['Id', workflow.id],
          ['Version', `${workflow.version}, from ${context.time(workflow.updated_at)}`],
          ['Credits', tellPrice(workflow.price, workflow.credits)],
          ['Usually', workflow.estimated_duration ?? '-'],
          ['Ready', workflow.ready ? 'yes' : style('yellow', `no: ${oneLine(workflow.not_ready_because ?? '')}`)],
        ],
        style,
      ),
    ]);
    if (workflow.agents.length > 0) {
      context.printLines(['', style('bold', 'Agents')]);
      context.printLines(
        renderPairs(
          workflow.agents.map((agent) => [`  ${oneLine(agent.role)}`, oneLine(agent.label)]),
          style,
        ),
      );
    }
    context.printLines(['', style('bold', 'Input'), ...schemaLines(workflow.input_schema)]);
    if (workflow.output_schema !== null) {
      context.printLines(['', style('bold', 'Output'), ...schemaLines(workflow.output_schema)]);
    }
    return EXIT.ok;
  },
};

function schemaLines(schema: JsonSchema): string[] {
  return safeText(JSON.stringify(schema, null, 2))
    .split('\n')
    .map((line) => `  ${line}`);
}
