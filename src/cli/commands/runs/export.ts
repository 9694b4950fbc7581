import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { CliCommand } from '../../command/command.js';
import { toRunId } from '../../command/run-id.js';
import { maskRunFile } from '../../run-file/mask-run-file.js';
import { readRun } from '../../run-file/run-file.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const exportCommand: CliCommand = {
  name: 'export',
  summary: 'Write everything about a run into a file, to be looked at elsewhere',
  details:
    'The file holds the run, its whole log, and the runs that it started. Fields named password, token, secret, api_key and the like are always masked.',
  arguments: [{ name: '<run>', description: "the run's id, in any form that Errand shows" }],
  options: [
    {
      flags: '--to <file>',
      description: 'where to; run-<id>.json in this folder when not given, - for standard output',
    },
    { flags: '--mask <fields>', description: 'mask the values of fields with these names: email,phone' },
    {
      flags: '--mask-values',
      description: 'mask all that callers, nodes and models have said; what happened when stays',
    },
  ],
  examples: [
    'errand export run_0190b0c2-7f3a-7abc-8def-0123456789ab',
    'errand export run_0190b0c2-7f3a-7abc-8def-0123456789ab --mask email,phone --to report.json',
    'errand export run_0190b0c2-7f3a-7abc-8def-0123456789ab --mask-values --to - | gzip > run.json.gz',
  ],
  async run(context, given) {
    const runId = toRunId(given.argument(0));
    const whole = await readRun(context.client(), runId, context.io.now());
    const fields = (given.text('mask') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const file = maskRunFile(whole, { fields, values: given.flag('maskValues') });
    const text = `${JSON.stringify(file, null, 2)}\n`;
    const to = given.text('to') ?? `run-${runId.replace(/^run_/, '')}.json`;
    if (to === '-') context.io.stdout.write(text);
    else {
      writeNew(resolve(to), text);
      const events = file.runs.reduce((sum, { events: some }) => sum + some.length, 0);
      context.note(
        `Wrote ${to}: ${file.runs.length} run${file.runs.length === 1 ? '' : 's'}, ${events} events. Look at it: errand open ${to}`,
      );
      if (context.json)
        context.printJson({ file: resolve(to), runs: file.runs.length, events, left_out: file.left_out });
    }
    return EXIT.ok;
  },
};

/** Only for its owner: it may hold what the run was about. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new ErrandError('conflict', `The file cannot be written: ${errorMessage(cause)}. Name another with --to.`, {
      cause,
    });
  }
}
