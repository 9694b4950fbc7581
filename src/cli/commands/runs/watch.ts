import type { CliCommand } from '../../command/command.js';
import { toRunId } from '../../command/run-id.js';
import { watchRun } from '../../command/watch-run.js';

export const watchCommand: CliCommand = {
  name: 'watch',
  summary: 'Watch a run until it ends',
  details:
    "On a terminal: a picture that is redrawn in place; Ctrl-C leaves the run running. In a pipe: one line for each change, from the run's first on. " +
    'With --json: one JSON event a line. A server that restarts meanwhile is waited for. Exit codes: 0 completed, 3 failed, 4 cancelled, ' +
    '5 partial_complete.',
  arguments: [{ name: '<run>', description: "the run's id, in any form that Errand shows" }],
  examples: [
    'errand watch run_0190b0c2-7f3a-7abc-8def-0123456789ab',
    'errand watch run_0190b0c2-7f3a-7abc-8def-0123456789ab | tee run.log',
    'errand watch run_0190b0c2-7f3a-7abc-8def-0123456789ab --json | jq -r \'select(.kind == "node.findings").data.findings\'',
  ],
  async run(context, given) {
    const client = context.client();
    const run = await client.getRun(toRunId(given.argument(0)));
    return watchRun({ context, client, run });
  },
};
