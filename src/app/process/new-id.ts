import { randomFillSync } from 'node:crypto';

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Random bytes for so many ids are fetched at once: fetching costs more than all else here. */
const IDS_AT_ONCE = 512;
const BYTES_PER_ID = 8;

/** The counter has 26 bits: 12 instead of `rand_a`, 14 after the variant. */
const COUNTER_END = 2 ** 26;

const pool = Buffer.alloc(IDS_AT_ONCE * BYTES_PER_ID);
let used = pool.length;
let lastMs = -1;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562, method 1: a counter that starts again, at random, with each millisecond). Each sorts after those
 * made before it in this process, even when the clock goes back.
 */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // From the lower half, so that there is room to count.
    counter = pool.readUInt16BE(used) << 9;
  } else if (++counter === COUNTER_END) {
    lastMs += 1;
    counter = 0;
  }
  const at = used + 2;
  used += BYTES_PER_ID;
  const high = counter >>> 14;
  const low = counter & 0x3fff;
  return (
    `${hex32(Math.floor(lastMs / 0x10000))}-${hex16(lastMs % 0x10000)}-${hex16(0x7000 | high)}-${hex16(0x8000 | low)}-` +
    `${byte(at)}${byte(at + 1)}${byte(at + 2)}${byte(at + 3)}${byte(at + 4)}${byte(at + 5)}`
  );
}

function byte(index: number): string {
  return HEX[pool[index] ?? 0] ?? '';
}

function hex16(value: number): string {
  return `${HEX[value >>> 8] ?? ''}${HEX[value & 0xff] ?? ''}`;
}

function hex32(value: number): string {
  return `${hex16(value >>> 16)}${hex16(value & 0xffff)}`;
}
