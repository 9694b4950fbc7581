import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { LABEL_OPTIONS, readLabels } from '../../command/label-options.js';
import { readInput } from '../../command/read-input.js';
import { readPriority } from '../../command/read-priority.js';
import { toRunId } from '../../command/run-id.js';
import { oneLine } from '../../terminal/text-width.js';
import { noteRepeat } from './run.js';
import { watchRun } from '../../command/watch-run.js';

export const rerunCommand: CliCommand = {
  name: 'rerun',
  summary: 'Do the work of a run once more, in a new run',
  details:
    "On the workflow's newest version and with the same input, unless told otherwise. With --from-node, the nodes that do not depend on that one are not run: " +
    'the new run has the outcomes that they had. A rerun costs what a run costs. In a pipe it prints the new run id alone.',
  arguments: [{ name: '<run>', description: "the earlier run's id, in any form that Errand shows" }],
  options: [
    { flags: '--input <json>', description: 'another input: JSON, @file, or - for standard input' },
    { flags: '--instruction <text>', description: "another extra instruction for the run's agents" },
    { flags: '--from-node <id>', description: 'begin at this node' },
    { flags: '--same-version', description: 'on the version of the earlier run' },
    { flags: '--idempotency-key <key>', description: 'the same key again gives the same run' },
    { flags: '--priority <priority>', description: 'low, normal, high, or -10 to 10' },
    ...LABEL_OPTIONS,
    { flags: '--watch', description: 'show the run until it ends' },
  ],
  examples: [
    'errand rerun run_0190b0c2-7f3a-7abc-8def-0123456789ab',
    `errand rerun run_0190b0c2-7f3a-7abc-8def-0123456789ab --input '{"url": "https://example.org"}'`,
    'errand rerun run_0190b0c2-7f3a-7abc-8def-0123456789ab --from-node report --watch',
  ],
  async run(context, given) {
    const client = context.client();
    const source = given.text('input');
    const run = await client.rerun(toRunId(given.argument(0)), {
      ...optional('input', source === undefined ? undefined : await readInput(source, context.io.stdin)),
      ...optional('instruction', given.text('instruction')),
      ...optional('from_node', given.text('fromNode')),
      ...optional('same_version', given.flag('sameVersion') ? true : undefined),
      ...optional('idempotency_key', given.text('idempotencyKey')),
      ...readLabels(given),
      ...optional('priority', readPriority(given.text('priority'))),
    });
    noteRepeat(context, run);
    if (given.flag('watch')) return watchRun({ context, client, run });
    if (context.json) context.printJson(run);
    else if (context.width === null) context.print(run.run_id);
    else {
      context.print(`Started ${oneLine(run.workflow_name)} once more: ${context.style('bold', run.run_id)}`);
      context.print(context.style('dim', `Watch it: errand watch ${run.run_id}`));
    }
    return EXIT.ok;
  },
};
