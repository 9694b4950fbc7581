import { builtFile } from '../../worker-file.js';

/** The program of a worker. */
export const hostFile: string = builtFile('./handler-host.js', import.meta.url);
