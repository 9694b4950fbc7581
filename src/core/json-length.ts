import { estimateJsonLength, type Json } from './json.js';

/** Characters of JSON. To go through a larger value takes long. */
const LARGE = 50_000;
/** Lengths of large values, which are never changed in place. */
const lengths = new WeakMap<object, number>();

/** For whoever has the JSON of a value at hand, which spares others from finding its length. */
export function noteJsonLength(value: object, length: number): void {
  if (length > LARGE) lengths.set(value, length);
}

/** How long a value is as JSON, about. */
export function jsonLengthOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return estimateJsonLength(value);
  const known = lengths.get(value);
  if (known !== undefined) return known;
  const length = estimateJsonLength(value);
  noteJsonLength(value, length);
  return length;
}

/** Whether the value is an object or a list that was found to be large. */
export function isKnownLarge(value: Json): boolean {
  return typeof value === 'object' && value !== null && lengths.has(value);
}
