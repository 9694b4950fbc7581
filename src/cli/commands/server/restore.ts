import { mkdir, rm } from 'node:fs/promises';
import type { CliCommand } from '../../command/command.js';
import { readDataFolder, dataOption } from '../../command/data-option.js';
import { readMoment } from '../../command/read-moment.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const restoreCommand: CliCommand = {
  name: 'restore',
  summary: 'Make a data folder of a backup',
  details:
    'Checks the backup first, and the data in its place before it says that it is restored. A folder that holds any file of a database is refused; --replace moves those files into a folder beside them. Runs that were under way when the backup was made go on from there at the next start of a server on the folder. The secret.key of the folder is in no backup: put it back beside the data.',
  arguments: [
    {
      name: '<file>',
      description: 'what `errand backup` wrote, or the folder of a server’s backups, which may be s3://bucket/folder',
    },
  ],
  options: [
    dataOption,
    { flags: '--at <time>', description: 'of a folder, the newest backup that was begun by then (RFC 3339)' },
    { flags: '--replace', description: 'move the database that is there into a folder beside it, and restore' },
  ],
  examples: [
    'errand restore errand-2026-11-21.backup --data ./restored',
    'errand restore errand-2026-11-21.backup --data /var/lib/errand --replace',
    'errand restore s3://backups/errand --data ./restored',
    'errand restore /backups --at 2026-11-21T20:00:00Z --data ./restored',
  ],
  async run(context, given) {
    const { restore } = await import('../../../app/assembly/data-folder.js');
    const { findBackup } = await import('../../../app/backups/find-backup.js');
    const data = readDataFolder(context, given);
    const scratch = async (): Promise<string> => {
      await mkdir(data, { recursive: true, mode: 0o700 });
      return data;
    };
    const at = readMoment(given.text('at'));
    const found = await findBackup({ path: given.argument(0), at, env: context.io.env, scratch });
    const { address: file } = found;
    const replace = given.flag('replace');
    const { movedTo, damagedBundles } = await (async () => {
      try {
        return await restore({ data, file: found.file, replace });
      } finally {
        if (found.isFetched) await rm(found.file, { force: true });
      }
    })();
    if (context.json) {
      context.printJson({ data, file, moved_to: movedTo, damaged_bundles: damagedBundles });
      return EXIT.ok;
    }
    context.print(`Restored ${file} into ${data}.`);
    if (movedTo !== null) context.note(`The database that was there is in ${movedTo}.`);
    for (const bundle of damagedBundles) context.note(`Left out, as it is damaged in the backup: ${bundle}.`);
    context.note(`Look it over: errand doctor --data ${data} --all`);
    return EXIT.ok;
  },
};
