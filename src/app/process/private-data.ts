import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';

const OTHERS = 0o077;
const OWN_FILE = /^(errand\.db.*|secret\.key)$/;
const HANDLERS = 'handlers';

/**
 * Makes Errand's own files in a data folder readable for this user alone, as a folder that was there before may let
 * everybody in: they hold what every organization has given and got. The folder itself is its owner's to change; a
 * warning tells of it.
 */
export function keepPrivate(dataDir: string, logger: Logger): void {
  // There are no such modes on Windows.
  if (process.getuid === undefined) return;
  const own = names(dataDir).filter((name) => OWN_FILE.test(name));
  const bundles = names(join(dataDir, HANDLERS)).map((name) => join(HANDLERS, name));
  for (const name of [...own, HANDLERS, ...bundles]) closeToOthers(join(dataDir, name), logger);
  const mode = modeOf(dataDir);
  if (mode === null || (mode & OTHERS) === 0) return;
  logger.warn(
    { folder: dataDir, mode: mode.toString(8) },
    `Other users of this machine may look into the data folder ${dataDir} (mode ${mode.toString(8)}); ` +
      `the files in it are for this user alone. Let them stay out: chmod 700 ${dataDir}`,
  );
}

function closeToOthers(path: string, logger: Logger): void {
  const mode = modeOf(path);
  if (mode === null || (mode & OTHERS) === 0) return;
  try {
    chmodSync(path, mode & ~OTHERS);
  } catch (error) {
    logger.warn({ file: path }, `Other users of this machine may read ${path}: ${errorMessage(error)}`);
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Null for what is not there, or cannot be looked at. */
function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return null;
  }
}
