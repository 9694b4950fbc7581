import type { ApiDryRun, ApiDryRunAsk, ApiDryRunNode } from '../../../api/authoring-types.js';
import { tryWorkflow } from '../../../api/endpoints/authoring.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, optional } from '../../command/command.js';
import { readInput } from '../../command/read-input.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { duration } from '../../terminal/human-time.js';
import { UsageError } from '../../terminal/usage-error.js';
import { ownerOf, ownerOptions } from '../workflows/workflows-publish.js';
import { readDraftFile } from './read-draft-file.js';

export const draftsTryCommand: CliCommand = {
  name: 'drafts try',
  summary: 'Run a definition with its effects replaced, and keep nothing',
  details:
    'Nodes that have effects (requests, models, tools, questions, other workflows) give what --outputs says, or what fits their schemas; ' +
    'waits take no time. Nothing is reached or charged. Exits with 1 when the run has not completed.',
  arguments: [{ name: '<file>', description: 'a definition in YAML or JSON, or - for standard input' }],
  options: [
    { flags: '--input <json>', description: "the run's input: JSON, @file, or - for standard input" },
    {
      flags: '--outputs <json>',
      description: 'what nodes give: JSON or @file, as {"charge": {"output": {"paid": true}}}',
    },
    ...ownerOptions,
  ],
  examples: [
    `errand drafts try greet.yaml --input '{"name": "Ada"}'`,
    `errand drafts try refund.yaml --outputs '{"find": {"error": {"message": "busy", "kind": "http_5xx"}}}'`,
  ],
  async run(context, given) {
    const [input, outputs] = [given.text('input'), given.text('outputs')];
    const said = {
      ...optional('input', input === undefined ? undefined : await readInput(input, context.io.stdin)),
      ...optional('outputs', outputs === undefined ? undefined : await readOutputs(context, outputs)),
    };
    const body = { ...(await readDraftFile(context, given.argument(0))), ...ownerOf(given), ...said };
    const run = await context.client().call(tryWorkflow, { body });
    if (context.json) context.printJson(run);
    else printDryRun(context, run);
    return run.status === 'completed' ? EXIT.ok : EXIT.error;
  },
};

async function readOutputs(context: CliContext, source: string): Promise<NonNullable<ApiDryRunAsk['outputs']>> {
  const outputs = await readInput(source, context.io.stdin, '--outputs');
  if (typeof outputs === 'object' && outputs !== null && !Array.isArray(outputs))
    return outputs as NonNullable<ApiDryRunAsk['outputs']>;
  throw new UsageError('--outputs takes an object of nodes: {"charge": {"output": {"paid": true}}}.');
}

function printDryRun(context: CliContext, run: ApiDryRun): void {
  context.printLines(
    context.table<ApiDryRunNode>({
      columns: [
        { header: 'NODE', value: ({ id }) => id },
        { header: 'KIND', value: ({ kind }) => kind },
        { header: 'STATUS', value: ({ status }) => status ?? '-' },
        { header: 'CALLS', value: ({ call_count }) => String(call_count), align: 'right' },
        { header: 'GAVE', value: toldSource, optional: true },
        { header: 'OUTPUT', value: ({ error, output }) => error?.message ?? JSON.stringify(output), min: 12 },
      ],
      rows: run.nodes,
    }),
  );
  const waited = run.waited_seconds > 0 ? `, after ${duration(run.waited_seconds * 1_000)} of waits` : '';
  context.print(`${run.status}${waited}, ${run.credits} credits${run.cut_off ? ', ended before it was done' : ''}`);
  context.print(run.error === null ? JSON.stringify(run.output) : `${run.error.kind}: ${run.error.message}`);
}

function toldSource({ replaced_by: replacedBy }: ApiDryRunNode): string {
  if (replacedBy === null) return 'its own';
  return replacedBy === 'given' ? 'as given' : 'a sample';
}
