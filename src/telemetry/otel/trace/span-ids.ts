/**
 * Ids that are computed from what they are of: a process that goes on with a run after a crash gives its spans the ids
 * that earlier ones already name as their parent. They need to differ within a trace, and to be quick; nobody has to be
 * kept from guessing them.
 */
export function spanIdOf(...what: readonly (string | number)[]): string {
  return hash64(what.join('\u0001'), 0);
}

export function traceIdOf(...what: readonly (string | number)[]): string {
  const text = what.join('\u0001');
  return hash64(text, 1) + hash64(text, 2);
}

/** The mixing of MurmurHash, on two halves that take each other in at the end (cyrb53, with all 64 bits kept). */
function hash64(text: string, seed: number): string {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return hex32(high) + hex32(low);
}

function hex32(number: number): string {
  return (number >>> 0).toString(16).padStart(8, '0');
}
