import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { CliCommand } from '../../command/command.js';
import { packageOf, programFolder } from '../../init/errand-package.js';
import { projectFiles } from '../../init/project-files.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const initCommand: CliCommand = {
  name: 'init',
  summary: 'Make a project of workflows to begin with',
  details:
    'Writes a workflow in YAML, one with a function of its own and a test for that, and a package.json. The folder must be empty, or not there.',
  arguments: [{ name: '<folder>', description: 'the folder to make' }],
  examples: ['errand init my-workflows'],
  async run(context, given) {
    const { readVersion } = await import('../../../app/process/version.js');
    const folder = resolve(given.argument(0));
    const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    if (there.length > 0) throw new UsageError(`${folder} is not empty: nothing was written.`);
    const files = projectFiles(await packageOf(programFolder, readVersion()));
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: 'wx' });
    }
    if (context.json) context.printJson({ folder, files: Object.keys(files) });
    else {
      context.printLines([`Made ${folder}:`, ...Object.keys(files).map((path) => `  ${path}`)]);
      context.note(`Next: cd ${given.argument(0)} && npm install && npm start`);
    }
    return EXIT.ok;
  },
};
