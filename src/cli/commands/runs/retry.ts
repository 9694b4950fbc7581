import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { toRunId } from '../../command/run-id.js';
import { oneLine } from '../../terminal/text-width.js';
import { watchRun } from '../../command/watch-run.js';

export const retryCommand: CliCommand = {
  name: 'retry',
  summary: 'Run again what failed of a run',
  details:
    'Takes up a run that is failed, cancelled or partly complete: what failed or was cut short runs again, and what depends on it; what had completed stays. ' +
    'The credits that it has not cost yet are reserved anew.',
  arguments: [{ name: '<run>', description: "the run's id, in any form that Errand shows" }],
  options: [{ flags: '--watch', description: 'show the run until it ends' }],
  examples: [
    'errand retry run_0190b0c2-7f3a-7abc-8def-0123456789ab',
    'errand retry run_0190b0c2-7f3a-7abc-8def-0123456789ab --watch',
  ],
  async run(context, given) {
    const client = context.client();
    const run = await client.retryRun(toRunId(given.argument(0)));
    if (given.flag('watch')) return watchRun({ context, client, run });
    if (context.json) context.printJson(run);
    else context.print(`Retrying ${run.run_id} (${oneLine(run.workflow_name)}).`);
    return EXIT.ok;
  },
};
