import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { ErrandError } from '../../core/errors.js';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
/** Where the header says how large a page is (1 stands for 65,536), and how many there are. */
const PAGE_SIZE_AT = 16;
const PAGES_AT = 28;

export const WHAT_TO_DO = '`errand doctor` tells what is wrong; `errand restore` makes a data folder of a backup';

/** Throws `unavailable` for a data file that was cut short, which SQLite itself notices only when it comes to a page that is missing. */
export function assertWhole(path: string): void {
  const size = sizeOf(path);
  // What is still in the write-ahead log may make up for what the file lacks.
  if (size === 0 || sizeOf(`${path}-wal`) > 0) return;
  const header = readHeader(path);
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new ErrandError(
      'unavailable',
      `The data file ${path} is not an SQLite database, or it is damaged: ${WHAT_TO_DO}.`,
    );
  }
  const pageSize = header.readUInt16BE(PAGE_SIZE_AT);
  const wanted = header.readUInt32BE(PAGES_AT) * (pageSize === 1 ? 65_536 : pageSize);
  if (size >= wanted) return;
  throw new ErrandError(
    'unavailable',
    `The data file ${path} is damaged: it has ${size} bytes and should have ${wanted}; ${WHAT_TO_DO}.`,
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).isFile()) readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return header;
}
