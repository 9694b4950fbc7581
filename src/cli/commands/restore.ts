import type { CliCommand } from '../command/command.js';
import { dataFolderOf, dataOption } from '../command/data-option.js';
import { EXIT } from '../terminal/exit-codes.js';

export const restoreCommand: CliCommand = {
  name: 'restore',
  summary: 'Make a data folder of a backup',
  details:
    'Checks the backup first. A folder that holds data is refused. Runs that were under way when the backup was made go on from there at the next start of a server on the folder. The secret.key of the folder is in no backup: put it back beside the data.',
  arguments: [{ name: '<file>', description: 'what `errand backup` wrote' }],
  options: [dataOption],
  examples: ['errand restore errand-2026-11-21.backup --data ./restored'],
  async run(context, given) {
    const { restore } = await import('../../app/data-folder.js');
    const [data, file] = [dataFolderOf(context, given), given.argument(0)];
    await restore({ data, file });
    if (context.json) context.printJson({ data, file });
    else {
      context.print(`Restored ${file} into ${data}.`);
      context.note(`Look it over: errand doctor --data ${data} --all`);
    }
    return EXIT.ok;
  },
};
