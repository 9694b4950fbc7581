import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../test/server-process.js';
import { NotHere, noFaults, type Faults } from './faults.js';
import type { Random } from './random.js';

/** Compiles disk-faults.c. */
function buildShim(folder: string): string {
  if (process.platform !== 'linux') throw new NotHere('this needs Linux');
  const shim = join(folder, 'disk-faults.so');
  const source = join(repository, 'chaos', 'disk-faults.c');
  const built = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', shim, source, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  });
  if (built.error !== undefined) throw new NotHere(`there is no C compiler: ${built.error.message}`);
  if (built.status !== 0) throw new Error(`disk-faults.c could not be compiled:\n${built.stderr}`);
  return shim;
}

/** Writes and syncs of the database files fail for spells, now all of them and now some, as a dying or a full disk has it. */
export function ioErrors(folder: string, random: Random): Faults {
  const control = join(folder, 'control');
  const set = (perThousand: number, errno: number): void =>
    writeFileSync(control, new Uint8Array(new Int32Array([perThousand, errno]).buffer), { flag: 'r+' });
  writeFileSync(control, Buffer.alloc(8));
  let spells = 0;
  return {
    ...noFaults(join(folder, 'data')),
    env: { LD_PRELOAD: buildShim(folder), CHAOS_CONTROL: control },
    strike: () => {
      const { EIO, ENOSPC } = constants.errno;
      set(random.pick([50, 300, 1_000]) ?? 1_000, random.pick([EIO, ENOSPC]) ?? EIO);
      spells += 1;
    },
    relieve: () => set(0, 0),
    describe: () => `, ${spells} spells of failing writes and syncs`,
  };
}

const FILES = ['', 'errand.db', 'errand.db-wal', 'errand.db-journal'];
const WRITE = 1;
const TRUNCATE = 2;
const SYNC = 3;
const UNLINK = 4;
const HEAD = 32;

interface Change {
  readonly kind: number;
  readonly file: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Where its record begins. */
  readonly at: number;
}

function* readRecord(record: Buffer): Generator<Change> {
  for (let at = 0; at + HEAD <= record.length;) {
    const [kind = 0, file = 0, offset = 0, length = 0] = [0, 8, 16, 24].map((word) =>
      Number(record.readBigUInt64LE(at + word)),
    );
    if (at + HEAD + length > record.length) return;
    yield { kind, file, offset, bytes: record.subarray(at + HEAD, at + HEAD + length), at };
    at += HEAD + length;
  }
}

/** A file as it is made anew. */
class Image {
  #bytes: Buffer;
  #length: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#length = bytes.length;
  }

  apply({ kind, offset, bytes }: Change): void {
    const length = kind === WRITE ? Math.max(this.#length, offset + bytes.length) : kind === TRUNCATE ? offset : 0;
    if (length > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], length * 2);
    if (length < this.#length) this.#bytes.fill(0, length, this.#length);
    this.#length = length;
    if (kind === WRITE) this.#bytes.set(bytes, offset);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/**
 * When a server is killed, the power is cut too: its database files are made anew as they were at the latest sync of each. Of what was changed
 * after, now nothing has reached the disk and now some of it, in no order.
 */
export function powerLoss(folder: string, random: Random): Faults {
  const data = join(folder, 'data');
  const record = join(folder, 'record');
  const read = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
  let before: Buffer[] = [];
  let dropped = 0;
  let landed = 0;
  return {
    ...noFaults(data),
    env: { LD_PRELOAD: buildShim(folder), CHAOS_RECORD: record },
    beforeLife: () => {
      before = FILES.map((file) => (file === '' ? Buffer.alloc(0) : read(join(data, file))));
      rmSync(record, { force: true });
    },
    afterLife: () => {
      const changes = [...readRecord(read(record))];
      const images = before.map((bytes) => new Image(bytes));
      const synced = FILES.map(() => 0);
      for (const { kind, file, offset } of changes)
        if (kind === SYNC) synced[file] = Math.max(synced[file] ?? 0, offset);
      const someLand = random.chance(0.5);
      for (const change of changes.filter(({ kind }) => kind !== SYNC)) {
        // With the first sync of a new file SQLite syncs its folder too, and so what was removed before.
        const safe = change.at < (change.kind === UNLINK ? Math.max(...synced) : (synced[change.file] ?? 0));
        const lands = safe || (someLand && random.chance(0.5));
        if (lands) images[change.file]?.apply(change);
        if (!safe && lands) landed += 1;
        if (!safe && !lands) dropped += 1;
      }
      for (const [index, file] of FILES.entries()) {
        const bytes = images[index]?.bytes;
        if (file === '' || bytes === undefined || !existsSync(data)) continue;
        if (bytes.length > 0) writeFileSync(join(data, file), bytes);
        else rmSync(join(data, file), { force: true });
      }
      // Memory that processes share, never on a disk.
      rmSync(join(data, 'errand.db-shm'), { force: true });
    },
    describe: () => `, ${dropped} writes that were not synced dropped and ${landed} let through`,
  };
}
