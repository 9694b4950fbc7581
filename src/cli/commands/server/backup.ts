import type { CliCommand } from '../../command/command.js';
import { readDataFolder, dataOption } from '../../command/data-option.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const backupCommand: CliCommand = {
  name: 'backup',
  summary: 'Write all data into one file, while the server runs',
  details:
    'Works on the data folder itself, from the machine that it is on; a server may be at work on it and is not held up. The file holds the records as they stand at one moment, ' +
    'and the code of every workflow version; it does not hold the key in secret.key. It replaces nothing.',
  arguments: [{ name: '<file>', description: 'the file to write' }],
  options: [dataOption],
  examples: ['errand backup errand-$(date +%F).backup', 'errand backup /backups/errand.backup --data /var/lib/errand'],
  async run(context, given) {
    const { backUp } = await import('../../../app/assembly/data-folder.js');
    const [data, file] = [readDataFolder(context, given), given.argument(0)];
    const { secretKey } = await backUp({ data, file });
    if (context.json) context.printJson({ data, file, secret_key: secretKey });
    else context.print(`Wrote ${file}.`);
    if (secretKey !== null) {
      context.note(`Keep ${secretKey} too, in another place: what is encrypted with it cannot be read without it.`);
    }
    return EXIT.ok;
  },
};
