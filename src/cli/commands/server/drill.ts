import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliCommand } from '../../command/command.js';
import { readMoment } from '../../command/read-moment.js';
import { EXIT } from '../../terminal/exit-codes.js';

export const drillCommand: CliCommand = {
  name: 'drill',
  summary: 'Restore a backup into a scratch folder, and check all that is in it',
  details:
    'What `errand restore` and `errand doctor --all` do, in a folder that is removed afterwards: the data in use is not touched. Exits with 1 when the backup is not good.',
  arguments: [
    {
      name: '<file>',
      description: 'a backup, or the folder of a server’s backups, which may be s3://bucket/folder: its newest',
    },
  ],
  options: [
    { flags: '--at <time>', description: 'of a folder, the newest backup that was begun by then (RFC 3339)' },
    { flags: '--scratch <folder>', description: "where there is room; the system's temporary folder when not given" },
  ],
  examples: [
    'errand drill /backups',
    'errand drill s3://backups/errand',
    'errand drill errand-2026-11-21.backup --scratch /mnt/big',
  ],
  async run(context, given) {
    const { restore, examine } = await import('../../../app/assembly/data-folder.js');
    const { findBackup } = await import('../../../app/backups/find-backup.js');
    const at = readMoment(given.text('at'));
    const scratch = await mkdtemp(join(given.text('scratch') ?? tmpdir(), 'errand-drill-'));
    const data = join(scratch, 'data');
    try {
      const path = given.argument(0);
      const found = await findBackup({ path, at, env: context.io.env, scratch: () => Promise.resolve(scratch) });
      const { address: file } = found;
      const { damagedBundles } = await restore({ file: found.file, data });
      const inspections = await examine({ data, sample: null });
      const faults = [
        ...damagedBundles.map((bundle) => `the bundle ${bundle} is damaged`),
        ...inspections.flatMap(({ name, faults: own }) => own.map((fault) => `${name}: ${fault}`)),
      ];
      if (context.json) context.printJson({ file, healthy: faults.length === 0, inspections, faults });
      else {
        for (const { name, looked } of inspections) context.print(`${name.padEnd(13)} ${looked}`);
        context.print(faults.length === 0 ? `${file} is good.` : `${file} is NOT good:`);
        for (const fault of faults) context.print(`  ${fault}`);
      }
      return faults.length === 0 ? EXIT.ok : EXIT.error;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
};
