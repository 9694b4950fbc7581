import { readFileSync } from 'node:fs';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { CliCommand } from '../../command/command.js';
import { type ExportedRun, parseRunFile } from '../../run-file/run-file.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { eventLine } from '../../view/event-line.js';
import { renderRunReport } from '../../view/run-report.js';
import type { CliContext } from '../../command/cli-context.js';

export const openCommand: CliCommand = {
  name: 'open',
  summary: 'Show a run that errand export wrote, without a server',
  arguments: [{ name: '<file>', description: 'what errand export wrote' }],
  options: [
    { flags: '--run <id>', description: 'one of the runs that it started, in place of the run itself' },
    { flags: '--log', description: 'a line for each event too' },
  ],
  examples: ['errand open report.json', 'errand open report.json --log', 'errand open report.json --json | jq .error'],
  async run(context, given) {
    const name = given.argument(0);
    const file = parseRunFile(readText(name), name);
    const wanted = given.text('run');
    const shown = wanted === undefined ? file.runs[0] : file.runs.find(({ run }) => run.run_id === wanted);
    if (shown === undefined) {
      const ids = file.runs.map(({ run }) => run.run_id).join(', ');
      throw new UsageError(
        wanted === undefined ? `${name} holds no run.` : `${name} does not hold ${wanted}. It holds ${ids}.`,
      );
    }
    if (context.json) context.printJson(given.flag('log') ? shown : shown.run);
    else {
      show(context, shown, given.flag('log'));
      const others = file.runs.length - 1;
      if (others > 0)
        context.note(
          `${others} more ${others === 1 ? 'run is' : 'runs are'} in the file: --run ${file.runs.find((one) => one !== shown)?.run.run_id}`,
        );
      for (const left of file.left_out) context.note(`Not in the file: ${left}.`);
    }
    return EXIT.ok;
  },
};

function show(context: CliContext, { run, events }: ExportedRun, withLog: boolean): void {
  context.printLines([...context.runView(run), '']);
  context.printLines(renderRunReport({ run, width: context.width ?? 100, style: context.style }));
  if (!withLog) return;
  context.printLines(['', context.style('bold', 'Log'), ...events.flatMap((event) => eventLine(event, run) ?? [])]);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ErrandError('not_found', `${path} cannot be read: ${errorMessage(cause)}.`, { cause });
  }
}
