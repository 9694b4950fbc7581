import type { ApiNode, ApiRun } from '../../../api/api-types.js';
import type { CliContext } from '../../command/cli-context.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { readInput } from '../../command/read-input.js';
import { toRunId } from '../../command/run-id.js';
import { oneLine } from '../../terminal/text-width.js';
import { UsageError } from '../../terminal/usage-error.js';

export const answerCommand: CliCommand = {
  name: 'answer',
  summary: 'Answer what a run asks, or show what it asks',
  details: 'Without --answer it shows the open questions, each with the JSON Schema that an answer must fit.',
  arguments: [{ name: '<run>', description: "the run's id, in any form that Errand shows" }],
  options: [
    { flags: '--answer <json>', description: 'the answer: JSON, @file, or - for standard input' },
    { flags: '--node <id>', description: 'which node is answered; needed when several ask' },
  ],
  examples: [
    'errand answer run_0190b0c2-7f3a-7abc-8def-0123456789ab',
    `errand answer run_0190b0c2-7f3a-7abc-8def-0123456789ab --answer '{"approved": true}'`,
  ],
  async run(context, given) {
    const client = context.client();
    const runId = toRunId(given.argument(0));
    const source = given.text('answer');
    const nodeId = given.text('node');
    if (source === undefined) {
      showQuestions(context, await client.getRun(runId), nodeId);
      return EXIT.ok;
    }
    const answer = await readInput(source, context.io.stdin, '--answer');
    const node = nodeId ?? theOneThatAsks(await client.getRun(runId)).id;
    const run = await client.answerRun(runId, node, answer);
    if (context.json) context.printJson(run);
    else context.print(`Answered ${node} of ${run.run_id} (${oneLine(run.workflow_name)}).`);
    return EXIT.ok;
  },
};

function askingNodes(run: ApiRun): readonly ApiNode[] {
  return run.nodes.flatMap((node) => [node, ...node.inner]).filter((node) => node.question !== null);
}

function theOneThatAsks(run: ApiRun): ApiNode {
  const asking = askingNodes(run);
  const [only] = asking;
  if (only !== undefined && asking.length === 1) return only;
  if (only === undefined) throw new UsageError(`The run asks nothing just now: it is ${run.status}.`);
  throw new UsageError(`Several nodes ask: ${asking.map(({ id }) => id).join(', ')}. Say which with --node.`);
}

function showQuestions(context: CliContext, run: ApiRun, nodeId: string | undefined): void {
  const asking = askingNodes(run).filter(({ id }) => nodeId === undefined || id === nodeId);
  if (context.json) {
    const questions = asking.map(({ id, question, waiting_until }) => ({ node_id: id, ...question, waiting_until }));
    context.printJson({ run_id: run.run_id, questions });
    return;
  }
  if (asking.length === 0) context.print(`The run asks nothing just now: it is ${run.status}.`);
  for (const { id, question, waiting_until: until } of asking) {
    if (question === null) continue;
    context.print(`${context.style('bold', id)}: ${oneLine(question.message)}`);
    context.print(`  must fit: ${JSON.stringify(question.schema)}`);
    if (question.default !== undefined) context.print(`  otherwise: ${JSON.stringify(question.default)}`);
    if (until !== null) context.print(`  until: ${until}`);
  }
}
