import { isEscaped } from '../json.js';
import { PAYLOAD_LIMITS } from './payload-limits.js';

/** Fewer characters cannot hold more than the limits allow. */
const SHORT = 65_536;

/**
 * What a JSON text holds too much of, told before it is parsed; null when it is within the limits. It is the number of
 * values and names, not their length, that makes a value slow to parse, check, copy and write. A text that is not JSON
 * may give either.
 */
export function findExcess(text: string): string | null {
  if (text.length <= SHORT) return null;
  const { values: maxValues, containers: maxContainers, names: maxNames, distinctNames: maxDistinct } = PAYLOAD_LIMITS;
  let values = 0;
  let containers = 0;
  let names = 0;
  const distinct = new Set<string>();
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isName(text, end)) {
        names += 1;
        distinct.add(text.slice(at, end));
        if (names > maxNames) return `more than ${maxNames} properties`;
        if (distinct.size > maxDistinct) return `more than ${maxDistinct} properties with different names`;
      } else {
        values += 1;
      }
      at = end;
    } else if (isBetween(code)) {
      at += 1;
    } else {
      values += 1;
      const opens = code === OPEN_BRACE || code === OPEN_BRACKET;
      if (opens) containers += 1;
      if (containers > maxContainers) return `more than ${maxContainers} lists and objects`;
      at = opens ? at + 1 : endOfScalar(text, at);
    }
    if (values > maxValues) return `more than ${maxValues} values`;
  }
  return null;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Whether it stands between values, or ends one. */
function isBetween(code: number): boolean {
  return code === COMMA || code === COLON || code === CLOSE_BRACE || code === CLOSE_BRACKET || isBlank(code);
}

function endOfScalar(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && !isBetween(text.charCodeAt(end))) end += 1;
  return end;
}

/** Just behind the quote that ends the string which begins at `start`. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    if (!isEscaped(text, end)) return end + 1;
  }
  return text.length;
}

/** Whether a string that ends here names a property. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}
