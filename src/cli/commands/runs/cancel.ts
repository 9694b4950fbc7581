import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { toRunId } from '../../command/run-id.js';
import { oneLine } from '../../terminal/text-width.js';

export const cancelCommand: CliCommand = {
  name: 'cancel',
  summary: 'Cancel a run that has not ended',
  details: 'Its nodes are told to stop, and all the credits it held are released.',
  arguments: [{ name: '<run>', description: "the run's id, in any form that Errand shows" }],
  options: [{ flags: '--reason <text>', description: "why, for the run's log" }],
  examples: ['errand cancel run_0190b0c2-7f3a-7abc-8def-0123456789ab --reason "wrong site"'],
  async run(context, given) {
    const run = await context.client().cancelRun(toRunId(given.argument(0)), optional('reason', given.text('reason')));
    if (context.json) context.printJson(run);
    else context.print(`Cancelled ${run.run_id} (${oneLine(run.workflow_name)}).`);
    return EXIT.ok;
  },
};
