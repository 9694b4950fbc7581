import { closeSync, openSync } from 'node:fs';

/**
 * Makes an empty file for this user alone, unless it is there. SQLite takes it for an empty database, and gives what it
 * keeps beside a database the same mode. What goes wrong here goes wrong for SQLite too, which tells what.
 */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch {
    // See above.
  }
}
