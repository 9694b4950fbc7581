import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';

/** Two copies of SQLite's header of 48 bytes; see https://sqlite.org/walformat.html#the_wal_index_header */
const HEADERS_BYTES = 96;
/** Where the header says how many frames of the log are valid, as a number of the machine's own byte order. */
const FRAMES_AT = 16;

/** What SQLite keeps in memory of a write-ahead log, shared by all connections through a file (`-shm`). */
export class WalIndex {
  readonly #fd: number;
  readonly #frames = Buffer.alloc(4);

  /** SQLite must have made it. */
  constructor(database: string) {
    this.#fd = openSync(`${database}-shm`, 'r+');
  }

  /** How many pages the log holds of what is committed. What lies beyond them in its file are remains. */
  get frames(): number {
    readSync(this.#fd, this.#frames, 0, 4, FRAMES_AT);
    return endianness() === 'LE' ? this.#frames.readUInt32LE() : this.#frames.readUInt32BE();
  }

  /**
   * Has SQLite make it again from the log when it is used next, as it does after a crash: a header that is not valid
   * stands for that. Nothing may be using it in this process meanwhile.
   */
  invalidate(): void {
    writeSync(this.#fd, Buffer.alloc(HEADERS_BYTES), 0, HEADERS_BYTES, 0);
  }

  /**
   * Only when no connection of this process has the database open: closing any handle of the file releases the locks
   * that SQLite has on it.
   */
  close(): void {
    closeSync(this.#fd);
  }
}
