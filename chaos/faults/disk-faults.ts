import { constants } from 'node:os';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buildDiskFaults } from './build-disk-faults.mjs';
import { NotHere, noFaults, type Faults } from './faults.js';
import type { Random } from '../random.js';

/** Compiles disk-faults.c. */
function buildShim(folder: string): string {
  const { library, lacking } = buildDiskFaults(folder);
  if (lacking !== null) throw new NotHere(lacking);
  return library;
}

/** What the library is told while the process runs: see disk-faults.c. */
export class DiskControl {
  readonly env: { readonly LD_PRELOAD: string; readonly CHAOS_CONTROL: string };
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'control');
    writeFileSync(this.#file, Buffer.alloc(20));
    this.env = { LD_PRELOAD: buildShim(folder), CHAOS_CONTROL: this.#file };
  }

  fail(params: { readonly perThousand: number; readonly errno: number; readonly syncsAlone?: boolean }): void {
    this.#set(0, [params.perThousand, params.errno, params.syncsAlone === true ? 1 : 0]);
  }

  /** Milliseconds that every sync takes longer. */
  slow(ms: number): void {
    this.#set(12, [ms]);
  }

  get syncsOnFirstThread(): number {
    return readFileSync(this.#file).readInt32LE(16);
  }

  #set(at: number, numbers: readonly number[]): void {
    const file = openSync(this.#file, 'r+');
    writeSync(file, new Uint8Array(new Int32Array(numbers).buffer), 0, numbers.length * 4, at);
    closeSync(file);
  }
}

/**
 * Writes and syncs of the database files fail for spells, now all of them and now some, as a dying or a full disk has
 * it.
 */
export function ioErrors(folder: string, random: Random): Faults {
  const control = new DiskControl(folder);
  let spells = 0;
  return {
    ...noFaults(join(folder, 'data')),
    env: control.env,
    strike: () => {
      const { EIO, ENOSPC } = constants.errno;
      control.fail({
        perThousand: random.pick([50, 300, 1_000]) ?? 1_000,
        errno: random.pick([EIO, ENOSPC]) ?? EIO,
        syncsAlone: random.chance(0.5),
      });
      spells += 1;
    },
    relieve: () => control.fail({ perThousand: 0, errno: 0 }),
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

/** A file as it is made again. */
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

/** As if the write-ahead log were never synced: what the checker must find out. Nothing lands that is not synced. */
export function powerLossWithoutSyncs(folder: string, random: Random): Faults {
  const faults = powerLoss(folder, random, 0);
  return { ...faults, env: { ...faults.env, LOSE_SYNCS: '1' } };
}

/**
 * When a server is killed, the power is cut too: its database files are made again as they were at the latest sync of
 * each. Of what was changed after, now nothing has reached the disk and now some of it, in no order.
 */
export function powerLoss(folder: string, random: Random, landing = 0.5): Faults {
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
      const someLand = random.chance(landing);
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
