import { isJsonObject, type Json } from '../json.js';
import { escapeHtml } from '../text/escape-html.js';

/** Shorter values, and shorter pieces of values, are too likely to be something else. */
export const MIN_SECRET_LENGTH = 8;

export interface NamedSecret {
  readonly name: string;
  readonly value: string;
}

/** Takes secrets out of what leaves, in whatever form they stand there. */
export interface Scrubber {
  /** The same text where there is none in it. */
  text(text: string): string;
  /** The same value where there is none in it. Names of fields are texts too. */
  json<T extends Json>(value: T): T;
}

export const NOTHING_TO_SCRUB: Scrubber = { text: (text) => text, json: (value) => value };

/** One form of a secret. */
interface Form {
  readonly text: string;
  readonly mask: string;
}

export function createScrubber(secrets: readonly NamedSecret[]): Scrubber {
  const forms = secrets
    .filter(({ value }) => value.length >= MIN_SECRET_LENGTH)
    .flatMap(({ name, value }) => formsOf(value).map((text): Form => ({ text, mask: `[secret ${name}]` })))
    .toSorted((a, b) => b.text.length - a.text.length);
  if (forms.length === 0) return NOTHING_TO_SCRUB;
  const text = (given: string): string => {
    if (given.length < MIN_SECRET_LENGTH) return given;
    return forms.reduce((clean, form) => maskIn(clean, form), given);
  };
  const json = <T extends Json>(value: T): T => scrubJson(value, text) as T;
  return { text, json };
}

/** Plain, as JSON, URLs, HTML and hexadecimal digits have it, within base64, and line by line. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const url = encodeURIComponent(value.toWellFormed());
  const hex = bytes.toString('hex');
  const forms = [
    value,
    JSON.stringify(value).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    url.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
    encodeURIComponent(url),
    escapeHtml(value),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => base64At(bytes, offset)),
    ...linesOf(value),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_LENGTH);
}

/** What is certain of the base64 of a longer text in which the bytes stand so far from a multiple of three. */
function base64At(bytes: Buffer, offset: number): readonly string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6)];
  return [padded.toString('base64').slice(first, last), padded.toString('base64url').slice(first, last)];
}

const MIN_LINE_LENGTH = 16;

/** Of a key in PEM, say: a line by itself is telling enough. */
function linesOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= MIN_LINE_LENGTH && !line.startsWith('-----'));
}

function maskIn(given: string, { text: form, mask }: Form): string {
  // A piece of it, cut out whole.
  if (given.length < form.length) {
    const piece = given.trim();
    if (piece.length >= MIN_SECRET_LENGTH && form.includes(piece)) return mask;
  }
  return maskEnd(maskWithin(given, form, mask), form, mask);
}

/** Where it stands, or as much of it as there is before the text was cut. */
function maskWithin(given: string, form: string, mask: string): string {
  const head = form.slice(0, MIN_SECRET_LENGTH);
  let clean = '';
  let done = 0;
  for (let at = given.indexOf(head); at !== -1;) {
    const length = lengthOfMatch(given, at, form);
    if (length === form.length || isCut(given, at + length)) {
      clean += given.slice(done, at) + mask;
      done = at + length;
    }
    at = given.indexOf(head, Math.max(done, at + 1));
  }
  return done === 0 ? given : clean + given.slice(done);
}

function lengthOfMatch(given: string, at: number, form: string): number {
  let length = MIN_SECRET_LENGTH;
  while (length < form.length && given[at + length] === form[length]) length += 1;
  return length;
}

function isCut(given: string, end: number): boolean {
  return end === given.length || given.startsWith('…', end) || given.startsWith('...', end);
}

/** The rest of one that was split before: at the beginning of the text. */
function maskEnd(given: string, form: string, mask: string): string {
  const tail = form.slice(-MIN_SECRET_LENGTH);
  const at = given.indexOf(tail);
  const end = at + MIN_SECRET_LENGTH;
  if (at === -1 || end >= form.length || !form.endsWith(given.slice(0, end))) return given;
  return mask + given.slice(end);
}

function scrubJson(value: Json, text: (given: string) => string): Json {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) {
    const clean = (value as readonly Json[]).map((part) => scrubJson(part, text));
    return clean.some((part, index) => part !== value[index]) ? clean : value;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  const clean = entries.map(([name, part]) => [text(name), scrubJson(part, text)] as const);
  const isSame = clean.every(([name, part], index) => name === entries[index]?.[0] && part === entries[index]?.[1]);
  return isSame ? value : Object.fromEntries(clean);
}
