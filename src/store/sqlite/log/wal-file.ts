import { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A database's write-ahead log as a file beside SQLite's own handles: SQLite takes no locks on it, so closing this one
 * releases none.
 */
export class WalFile {
  readonly fd: number;
  readonly folder: string;

  /** SQLite must have made it. */
  constructor(database: string) {
    this.fd = openSync(`${database}-wal`, 'r+');
    this.folder = dirname(database);
  }

  /** Cuts off what is beyond `size`. */
  cut(size: number): void {
    if (fstatSync(this.fd).size > size) ftruncateSync(this.fd, size);
  }

  /** With the folder's entry of it. */
  sync(): void {
    fdatasyncSync(this.fd);
    let folder: number;
    try {
      folder = openSync(this.folder, 'r');
    } catch {
      // Not every system opens folders.
      return;
    }
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
