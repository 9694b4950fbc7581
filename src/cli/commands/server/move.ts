import type { CliContext } from '../../command/cli-context.js';
import type { CliCommand, GivenOptions } from '../../command/command.js';
import { readDataFolder } from '../../command/data-option.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const moveCommand: CliCommand = {
  name: 'move',
  summary: 'Move all records from the data folder to Postgres, or back',
  details:
    'Carries everything: runs and their logs, runs that wait, credits, keys, grants, versions of workflows, schedules, webhooks and what they are still to be told, secrets (encrypted as they are), the audit trail. ' +
    'Compares both sides by counts and hashes at the end. No server may be at work on either side. From its first moment on, the source accepts no change and no server; the destination accepts none until the move is done. ' +
    'After a cut-off, the same command goes on where it was. Not in the records, and to be brought along by hand: the secret key, and the folder handlers/ (the code of versions of workflows).',
  options: [
    { flags: '--to <place>', description: 'a Postgres database (postgresql://…), or a data folder' },
    {
      flags: '--from <place>',
      description: 'the other kind (default: the data folder; for a move to a folder, ERRAND_DATABASE_URL)',
    },
    { flags: '--undo', description: 'make records that were moved, or are being moved, the ones to go on from' },
  ],
  examples: [
    'errand move --to postgresql://errand@db.internal:5432/errand',
    'errand move --from postgresql://errand@db.internal:5432/errand --to ./errand-data',
    'errand move --undo --from /var/lib/errand',
  ],
  async run(context, given) {
    const { move, undoMove } = await import('../../../app/moves/open-sides.js');
    const to = given.text('to');
    if (given.flag('undo')) {
      if (to !== undefined) throw new UsageError('--undo is for the records that were moved: name them with --from.');
      const other = await undoMove(given.text('from') ?? readDataFolder(context, given));
      if (context.json) context.printJson({ undone: other !== null });
      else context.print(other === null ? 'They are not moved.' : `They are no longer moved to ${other}.`);
      return EXIT.ok;
    }
    if (to === undefined) throw new UsageError('Say where to: errand move --to <place>.');
    const from = sourceFor(to, context, given);
    const { mark, tables } = await move({ from, to, onProgress: tellProgress(context) });
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    if (context.json) context.printJson({ to: mark.other, rows, tables });
    else {
      for (const { table, rows: count, hash } of tables) {
        context.print(`${table.padEnd(20)} ${String(count).padStart(10)}  ${hash.slice(0, 16)}`);
      }
      context.print(
        tables.length === 0
          ? `They had been moved to ${mark.other} before.`
          : `Moved ${rows} rows to ${mark.other}. Both sides are the same.`,
      );
    }
    context.note('Give the servers there the same secret key, and the files of handlers/ of the old data folder.');
    return EXIT.ok;
  },
};

function sourceFor(to: string, context: CliContext, given: GivenOptions): string {
  const from = given.text('from');
  if (from !== undefined) return from;
  if (to.includes('://')) return readDataFolder(context, given);
  const url = context.env['ERRAND_DATABASE_URL'];
  if (url !== undefined) return url;
  throw new UsageError('Say where from: --from postgresql://…, or ERRAND_DATABASE_URL.');
}

/** Each table once for copying and once for comparing. */
function tellProgress(context: CliContext): (progress: { doing: string; table: string }) => void {
  let last = '';
  return ({ doing, table }) => {
    const line = `${doing} ${table}`;
    if (line !== last && !context.json) context.note(`${line} …`);
    last = line;
  };
}
