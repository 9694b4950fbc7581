import type { ApiRun } from '../../../api/api-types.js';
import type { CliCommand, GivenOptions } from '../../command/command.js';
import { runBatch } from './run-batch.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { readPriority } from '../../command/read-priority.js';
import { LABEL_OPTIONS, readLabels } from '../../command/label-options.js';
import { readInput } from '../../command/read-input.js';
import { renderRunReport } from '../../view/run-report.js';
import { oneLine } from '../../terminal/text-width.js';
import { UsageError } from '../../terminal/usage-error.js';
import { waitForEnd } from '../../command/wait-for-end.js';
import { watchRun } from '../../command/watch-run.js';
import type { CliContext } from '../../command/cli-context.js';

export const runCommand: CliCommand = {
  name: 'run',
  summary: 'Start a run of a workflow',
  details:
    'Comes back as soon as the run is recorded; in a pipe it prints the run id alone. With --watch or --wait the exit code tells how the run ' +
    'ended: 0 completed, 3 failed, 4 cancelled, 5 partial_complete, 6 not ended within --wait. With --batch, the idempotency key of each run is ' +
    'the one given, a colon and the number of its line, and the exit code is 1 when a line was refused.',
  arguments: [{ name: '<workflow>', description: "the workflow's id" }],
  options: [
    { flags: '--input <json>', description: 'the input: JSON, @file, or - for standard input (default: {})' },
    { flags: '--batch <file>', description: 'a run for each line of a file of JSON inputs, or - for standard input' },
    { flags: '--instruction <text>', description: "an extra instruction for the run's agents" },
    { flags: '--idempotency-key <key>', description: 'the same key and input again give the same run' },
    { flags: '--priority <priority>', description: 'low, normal, high, or -10 to 10: which pending run goes first' },
    ...LABEL_OPTIONS,
    { flags: '--callback <url>', description: 'where the run tells what becomes of it' },
    { flags: '--watch', description: 'show the run until it ends' },
    { flags: '--wait <seconds>', description: 'wait this long for the end, then print the run' },
  ],
  examples: [
    `errand run enrich_contact --input '{"email": "ada@example.com"}' --wait 10`,
    `errand run site_checkup --input '{"url": "https://example.com"}' --watch`,
    'errand run site_checkup --input @checkup.json --tag nightly --metadata region=eu',
    'errand run site_checkup --input @checkup.json --json',
    "jq -n '{url: $u}' --arg u https://example.com | errand run site_checkup --input - --watch",
    'errand run enrich_contact --batch contacts.jsonl --idempotency-key contacts-2026-11 --tag contacts',
    'RUN=$(errand run site_checkup --input @checkup.json) && errand watch "$RUN"',
  ],
  async run(context, given) {
    const waitSeconds = given.number('wait', { min: 0, max: 86_400 });
    if (waitSeconds !== undefined && given.flag('watch')) {
      throw new UsageError('--watch and --wait cannot be used together: --watch already waits for the end.');
    }
    const source = given.text('input');
    const file = given.text('batch');
    const common = readCommon(given);
    if (file !== undefined) {
      if (source !== undefined || waitSeconds !== undefined || given.flag('watch')) {
        throw new UsageError('--batch goes without --input, --watch and --wait: each line of the file is an input.');
      }
      return await runBatch(context, { source: file, common });
    }
    const client = context.client();
    const run = await client.startRun({
      ...common,
      ...optional('input', source === undefined ? undefined : await readInput(source, context.io.stdin)),
    });
    noteRepeat(context, run);
    if (given.flag('watch')) return watchRun({ context, client, run });
    if (waitSeconds !== undefined) return printEnded(context, await waitForEnd({ context, client, run, waitSeconds }));
    printStarted(context, run);
    return EXIT.ok;
  },
};

function readCommon(given: GivenOptions) {
  return {
    workflow_id: given.argument(0),
    ...optional('instruction', given.text('instruction')),
    ...optional('idempotency_key', given.text('idempotencyKey')),
    ...optional('priority', readPriority(given.text('priority'))),
    ...readLabels(given),
    ...optional('callback', given.text('callback')),
  };
}

/** A key that was used before gives the run of that time, whatever has become of it. */
export function noteRepeat(context: CliContext, { run_id, status, next_action }: ApiRun): void {
  if (next_action === undefined) return;
  context.note(
    `This is the run that was started with the same idempotency key before; it is ${status}. ` +
      `Go on with it: errand retry ${run_id}. To start the work again, use a new key.`,
  );
}

function printStarted(context: CliContext, run: ApiRun): void {
  if (context.json) context.printJson(run);
  else if (context.width === null) context.print(run.run_id);
  else {
    context.print(`Started ${oneLine(run.workflow_name)}: ${context.style('bold', run.run_id)}`);
    context.print(context.style('dim', `Watch it: errand watch ${run.run_id}`));
  }
}

function printEnded(context: CliContext, ended: { readonly run: ApiRun; readonly exitCode: number }): number {
  const { run, exitCode } = ended;
  if (context.json) context.printJson(run);
  else {
    context.printLines([...context.runView(run), '']);
    context.printLines(renderRunReport({ run, width: context.width ?? 100, style: context.style }));
    if (!run.terminal) context.note(`The run goes on. Watch it: errand watch ${run.run_id}`);
  }
  return exitCode;
}
