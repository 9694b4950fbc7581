import { backUp } from '../assembly/data-folder.js';
import { errorMessage } from '../../core/errors.js';

/** Writes one backup, in a process beside the server: the data folder, and the file to write. */
const [data = '', file = ''] = process.argv.slice(2);

backUp({ data, file }).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(errorMessage(error));
    process.exit(1);
  },
);
