import type { CliCommand } from '../../command/command.js';
import { readDataFolder, dataOption } from '../../command/data-option.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

const DEFAULT_SAMPLE = 1_000;

export const doctorCommand: CliCommand = {
  name: 'doctor data',
  summary: 'Check that the data is whole and adds up',
  details:
    'Works on the data folder itself; a server may be at work on it. Looks at the file (every page), the ledger against the accounts, what is reserved against the runs that go on, ' +
    'the counts, runs against their logs, and the code of the workflows in use. Changes nothing. Exits with 1 when anything is wrong.',
  options: [
    dataOption,
    {
      flags: '--sample <number>',
      description: `how many runs to hold against their logs (default: ${DEFAULT_SAMPLE})`,
    },
    { flags: '--all', description: 'hold all of them' },
  ],
  examples: ['errand doctor', 'errand doctor --data /var/lib/errand --all'],
  async run(context, given) {
    const sample = given.number('sample', { min: 1 });
    if (sample !== undefined && given.flag('all')) throw new UsageError('--sample and --all cannot be used together.');
    const { examine } = await import('../../../app/assembly/data-folder.js');
    const data = readDataFolder(context, given);
    const inspections = await examine({ data, sample: given.flag('all') ? null : (sample ?? DEFAULT_SAMPLE) });
    const healthy = inspections.every(({ faults }) => faults.length === 0);
    if (context.json) context.printJson({ data, healthy, inspections });
    else {
      for (const { name, looked, faults } of inspections) {
        const mark = faults.length === 0 ? context.style('green', 'ok') : context.style('red', 'wrong');
        context.print(`${name.padEnd(13)} ${mark}  ${looked}`);
        for (const fault of faults) context.print(`  ${fault}`);
      }
      if (inspections.some(({ name, faults }) => name === 'file' && faults.length > 0)) context.note(goBack(data));
    }
    return healthy ? EXIT.ok : EXIT.error;
  },
};

function goBack(data: string): string {
  return (
    'To go back to a backup: stop the server, if it runs, and then: ' +
    `errand restore <backup> --data ${data} --replace (the damaged files are kept).`
  );
}
