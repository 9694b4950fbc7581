import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ErrandError } from '../../../core/errors.js';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
/** Where the header says how large a page is (1 stands for 65,536), and how many there are. */
const PAGE_SIZE_AT = 16;
const PAGES_AT = 28;

/** How to go on with a data file that is damaged, as a half-sentence. */
export function repairAdvice(path: string): string {
  const data = quoteForShell(dirname(path));
  return (
    `\`errand doctor --data ${data}\` tells what is wrong, ` +
    `\`errand restore <backup> --data ${data} --replace\` puts a backup in its place and keeps the damaged files`
  );
}

function quoteForShell(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/**
 * Throws `unavailable` for a data file that was cut short, which SQLite itself notices only when it comes to a page
 * that is missing.
 */
export function assertWhole(path: string): void {
  assertNotParted(path);
  const size = fileSize(path);
  // What is still in the write-ahead log may make up for what the file lacks.
  if (size === 0 || fileSize(`${path}-wal`) > 0) return;
  const header = readHeader(path);
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new ErrandError(
      'unavailable',
      `The data file ${path} is not an SQLite database, or it is damaged: ${repairAdvice(path)}.`,
    );
  }
  const pageSize = header.readUInt16BE(PAGE_SIZE_AT);
  const wanted = header.readUInt32BE(PAGES_AT) * (pageSize === 1 ? 65_536 : pageSize);
  if (size >= wanted) return;
  throw new ErrandError(
    'unavailable',
    `The data file ${path} is damaged: it has ${size} bytes and should have ${wanted}; ${repairAdvice(path)}.`,
  );
}

/**
 * Throws `unavailable` for a write-ahead log whose database is gone: SQLite would remove it, and the newest records
 * with it.
 */
export function assertNotParted(path: string): void {
  if (fileSize(path) > 0 || fileSize(`${path}-wal`) === 0) return;
  const [database, folder] = [basename(path), dirname(path)];
  throw new ErrandError(
    'unavailable',
    `${folder} holds ${database}-wal, the newest records of a database, without its ${database}. Put ${database} back ` +
      `beside it, or move ${database}-wal (and ${database}-shm, if it is there) away too.`,
  );
}

function fileSize(path: string): number {
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
