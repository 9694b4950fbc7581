import { ErrandError } from '../../../core/errors.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { toRunId } from '../../command/run-id.js';
import { renderRunReport } from '../../view/run-report.js';

export const statusCommand: CliCommand = {
  name: 'status',
  summary: 'Show how a run stands',
  details: 'Exits with 0 whatever the run has come to; `errand watch` tells it by its exit code.',
  arguments: [{ name: '<run>', description: "the run's id, in any form that Errand shows" }],
  options: [{ flags: '--output', description: "print the run's output alone, as JSON" }],
  examples: [
    'errand status run_0190b0c2-7f3a-7abc-8def-0123456789ab',
    'errand status agent_run_0190b0c27f3a7abc8def0123456789ab --json',
    'errand status run_0190b0c2-7f3a-7abc-8def-0123456789ab --output | jq .score',
  ],
  async run(context, given) {
    const run = await context.client().getRun(toRunId(given.argument(0)));
    if (given.flag('output')) {
      if (run.output === undefined) {
        throw new ErrandError('conflict', `The run has no output: it is ${run.status}.`);
      }
      context.print(JSON.stringify(run.output, null, 2));
    } else if (context.json) {
      context.printJson(run);
    } else {
      context.printLines([...context.runView(run), '']);
      context.printLines(renderRunReport({ run, width: context.width ?? 100, style: context.style }));
    }
    return EXIT.ok;
  },
};
