import type { Errand, ErrandOptions } from './create-errand.js';

/**
 * Opens a data folder, takes on these workflows, and resumes what was unfinished. The server's parts are loaded when
 * they are needed: modules of handlers import this package for its types and errors alone.
 */
export async function createErrand(options: ErrandOptions = {}): Promise<Errand> {
  const app = await import('./create-errand.js');
  return app.createErrand(options);
}
