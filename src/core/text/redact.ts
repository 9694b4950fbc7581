import { isJsonObject, type Json } from '../json.js';

interface Pattern {
  readonly name: string;
  /** Bounded in every repetition, so that no text takes long. */
  readonly find: RegExp;
  /** Whether what was found is one. */
  readonly isOne: (found: string) => boolean;
}

/** In this order: what one has taken, the next does not see. */
const MASKS: readonly ((text: string) => string)[] = [
  maskBy({
    name: 'key',
    find: /\b(?:(?:sk|pk|rk|xox[abprs]|gh[opsu]|github_pat|glpat|AKIA|AIza)[\w-]{12,400}|(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{5,1000})|(?<=\bBearer )[\w.~+/-]{8,4000}/g,
    isOne: (found) => /\d/.test(found),
  }),
  maskEmails,
  maskBy({ name: 'iban', find: /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b/g, isOne: isIban }),
  maskBy({ name: 'card', find: /(?<![\w.])\d(?:[ -]?\d){12,18}(?!\w)/g, isOne: isCard }),
  maskBy({
    name: 'phone',
    find: /(?<![\w.])(?:(?:(?:\+|00)[1-9]|\(?0[1-9(]|\(\d)[\d ()./-]{5,22}\d|\d{3}[-. ]\d{3}[-. ]\d{4})(?!\w)/g,
    isOne: isPhone,
  }),
];

/** The text with e-mail addresses, phone and card numbers, IBANs and what looks like a key masked: `[email]`. */
export function redactText(text: string): string {
  return MASKS.reduce((clean, mask) => mask(clean), text);
}

function maskBy({ name, find, isOne }: Pattern): (text: string) => string {
  return (text) => text.replaceAll(find, (found) => (isOne(found) ? `[${name}]` : found));
}

const FROM_AT = /@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;
const BEFORE_AT = /[\p{L}\p{N}._%+-]{1,64}$/u;
/** Of UTF-16: each of the letters before the sign may be two. */
const MAX_BEFORE_AT = 128;

/** Looks before each `@`: a pattern that begins with letters would be tried at each letter of a text. */
function maskEmails(text: string): string {
  let clean = '';
  let end = 0;
  for (const { 0: found, index } of text.matchAll(FROM_AT)) {
    const before = BEFORE_AT.exec(text.slice(Math.max(end, index - MAX_BEFORE_AT), index))?.[0];
    if (before === undefined) continue;
    clean += `${text.slice(end, index - before.length)}[email]`;
    end = index + found.length;
  }
  return end === 0 ? text : clean + text.slice(end);
}

/** Every text in it masked; the bytes of files are taken out. The same value when nothing was. */
export function redactJson(value: Json): Json {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) {
    const clean = value.map(redactJson);
    return clean.some((part, index) => part !== value[index]) ? clean : value;
  }
  if (!isJsonObject(value)) return value;
  const isFile = value['type'] === 'file';
  const entries = Object.entries(value);
  const clean = entries.map(
    ([name, part]) =>
      [name, isFile && name === 'data' && typeof part === 'string' ? '[file]' : redactJson(part)] as const,
  );
  return clean.some(([, part], index) => part !== entries[index]?.[1]) ? Object.fromEntries(clean) : value;
}

/** ISO 13616: moved round and read as a number, it leaves 1 when divided by 97. */
function isIban(found: string): boolean {
  const text = found.replaceAll(' ', '');
  let rest = 0;
  for (const char of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** ISO/IEC 7812: Luhn's sum. */
function isCard(found: string): boolean {
  const digits = found.replaceAll(/\D/g, '');
  let sum = 0;
  for (const [index, char] of digits.split('').toReversed().entries()) {
    const digit = Number(char) * (index % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0 && /[1-9]/.test(digits);
}

function isPhone(found: string): boolean {
  const digits = found.replaceAll(/\D/g, '').length;
  return digits >= 7 && digits <= 15;
}
