import { ALONE, doAtOnce, doInTurns, type Steps } from '../event-loop.js';
import { countValues, type Json, type JsonObject } from '../json.js';
import { escapeHtml } from '../text/escape-html.js';
import { PAYLOAD_LIMITS } from '../text/payload-limits.js';

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
  /**
   * The same over as many turns of the event loop as it takes, where there is much of it. The value that it gives is
   * not looked through again by `json`.
   */
  jsonInTurns<T extends Json>(value: T): T | Promise<T>;
}

export const NOTHING_TO_SCRUB: Scrubber = {
  text: (text) => text,
  json: (value) => value,
  jsonInTurns: (value) => value,
};

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
  const clean = new CleanValues();
  const text = (given: string): string => {
    if (given.length < MIN_SECRET_LENGTH || clean.hasText(given)) return given;
    return forms.reduce((masked, form) => maskIn(masked, form), given);
  };
  const by = { forms, text, clean };
  const json = <T extends Json>(value: T): T => doAtOnce(scrubPartSteps(value, by)) as T;
  const jsonInTurns = <T extends Json>(value: T): T | Promise<T> =>
    countValues(value, MAX_AT_ONCE) <= MAX_AT_ONCE ? json(value) : (doInTurns(scrubSteps(value, by)) as Promise<T>);
  return { text, json, jsonInTurns };
}

/** See `countValues`: what is looked through within a turn of the event loop. */
const MAX_AT_ONCE = 2_000;
/** Characters. */
const LONG_TEXT = 64 * 1024;
/** To look for something in all of it takes some milliseconds. */
const VERY_LONG_TEXT = 1024 * 1024;
/** Characters of long texts that are remembered: one is soon asked for again, or not at all. */
const MAX_REMEMBERED = 2 * PAYLOAD_LIMITS.output;

/** Large values that hold no secret. */
class CleanValues {
  readonly #objects = new WeakSet<object>();
  readonly #texts = new Set<string>();
  #length = 0;

  add(value: Json): void {
    if (typeof value === 'object' && value !== null) this.#objects.add(value);
    if (typeof value !== 'string' || value.length <= LONG_TEXT || this.#texts.has(value)) return;
    this.#texts.add(value);
    this.#length += value.length;
    for (const oldest of this.#texts) {
      if (this.#length <= MAX_REMEMBERED) break;
      this.#texts.delete(oldest);
      this.#length -= oldest.length;
    }
  }

  hasText(text: string): boolean {
    return text.length > LONG_TEXT && this.#texts.has(text);
  }

  hasObject(value: object): boolean {
    return this.#objects.has(value);
  }
}

/** What is yielded before a step that goes through all of a text. */
function stepOver(text: string): typeof ALONE | undefined {
  return text.length > VERY_LONG_TEXT ? ALONE : undefined;
}

/** Of a list or an object: a millisecond's work or less, where they are short. */
const PARTS_AT_ONCE = 32;

interface Scrubbing {
  readonly forms: readonly Form[];
  readonly text: (given: string) => string;
  readonly clean: CleanValues;
}

function* scrubSteps(value: Json, by: Scrubbing): Steps<Json> {
  yield;
  const scrubbed = yield* scrubPartSteps(value, by);
  by.clean.add(scrubbed);
  return scrubbed;
}

function* scrubPartSteps(value: Json, by: Scrubbing): Steps<Json> {
  if (typeof value === 'string') return value.length > LONG_TEXT ? yield* scrubTextSteps(value, by) : by.text(value);
  if (typeof value !== 'object' || value === null || by.clean.hasObject(value)) return value;
  yield;
  if (Array.isArray(value)) {
    const parts: Json[] = [];
    for (const part of value as readonly Json[]) {
      if (parts.length % PARTS_AT_ONCE === 0) yield;
      parts.push(typeof part === 'string' || typeof part === 'object' ? yield* scrubPartSteps(part, by) : part);
    }
    return parts.some((part, index) => part !== value[index]) ? parts : value;
  }
  const entries: (readonly [string, Json])[] = [];
  let isSame = true;
  for (const name of Object.keys(value)) {
    // Events have fields that are undefined.
    const part = (value as JsonObject)[name] as Json;
    if (entries.length % PARTS_AT_ONCE === 0) yield;
    const entry = [by.text(name), yield* scrubPartSteps(part, by)] as const;
    isSame &&= entry[0] === name && entry[1] === part;
    entries.push(entry);
  }
  return isSame ? value : Object.fromEntries(entries);
}

function* scrubTextSteps(given: string, { forms, clean }: Scrubbing): Steps<string> {
  if (clean.hasText(given)) return given;
  let text = given;
  for (const form of forms) {
    yield stepOver(text);
    if (text.length < form.text.length) text = maskIn(text, form);
    else {
      text = yield* maskWithinSteps(text, form.text, form.mask);
      yield stepOver(text);
      text = maskEnd(text, form.text, form.mask);
    }
  }
  clean.add(text);
  return text;
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

function maskWithin(given: string, form: string, mask: string): string {
  return given.includes(form.slice(0, MIN_SECRET_LENGTH)) ? doAtOnce(maskWithinSteps(given, form, mask)) : given;
}

/** Where it stands, or as much of it as there is before the text was cut. */
function* maskWithinSteps(given: string, form: string, mask: string): Steps<string> {
  const head = form.slice(0, MIN_SECRET_LENGTH);
  const parts: string[] = [];
  let done = 0;
  let looked = 0;
  for (let at = given.indexOf(head); at !== -1;) {
    const length = lengthOfMatch(given, at, form);
    if (length === form.length || isCut(given, at + length)) {
      parts.push(given.slice(done, at), mask);
      done = at + length;
    }
    looked += length;
    if (looked > LONG_TEXT) {
      looked = 0;
      yield;
    }
    at = given.indexOf(head, Math.max(done, at + 1));
  }
  if (done === 0) return given;
  yield stepOver(given);
  return parts.join('') + given.slice(done);
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
