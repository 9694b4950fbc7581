import type { Json } from '../json.js';
import type { LineLevel, Logger } from '../ports/logger.js';
import { createScrubber, type NamedSecret, NOTHING_TO_SCRUB, type Scrubber } from './scrub.js';

/** The latest are remembered: each line of the log is searched for all of them. */
const MAX_SEEN = 1_000;

/** The values that this process has opened, of whichever organization. */
export class SeenSecrets {
  readonly #names = new Map<string, string>();
  #scrubber: Scrubber | null = NOTHING_TO_SCRUB;

  add({ name, value }: NamedSecret): void {
    if (this.#names.has(value)) return;
    const [oldest] = this.#names.size >= MAX_SEEN ? this.#names.keys() : [];
    if (oldest !== undefined) this.#names.delete(oldest);
    this.#names.set(value, name);
    this.#scrubber = null;
  }

  get scrubber(): Scrubber {
    return (this.#scrubber ??= createScrubber([...this.#names].map(([value, name]) => ({ name, value }))));
  }

  /** A log in which none of them stands. */
  keepOutOf(logger: Logger): Logger {
    return new ScrubbedLogger(logger, this);
  }
}

class ScrubbedLogger implements Logger {
  readonly #logger: Logger;
  readonly #seen: SeenSecrets;

  constructor(logger: Logger, seen: SeenSecrets) {
    this.#logger = logger;
    this.#seen = seen;
  }

  debug(fields: object, message: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }

  #write(level: LineLevel, fields: object, message: string): void {
    const { scrubber } = this.#seen;
    if (scrubber === NOTHING_TO_SCRUB) return this.#logger[level](fields, message);
    // Each line is searched for all of them: not one that nobody writes.
    if (this.#logger.isLevelEnabled?.(level) === false) return;
    const clean = scrubber.json(toLoggedJson(fields, 0) as { readonly [name: string]: Json });
    this.#logger[level](clean, scrubber.text(message));
  }
}

const DEEPEST = 8;

/** As a log would write it: errors with what they say. */
function toLoggedJson(value: unknown, depth: number): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value !== 'object') return typeof value;
  if (depth > DEEPEST) return '…';
  if (value instanceof Error) {
    const { name, message, stack = '' } = value;
    return { type: name, message, stack };
  }
  if (Array.isArray(value)) return value.map((part) => toLoggedJson(part, depth + 1));
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([name, part]) => [name, toLoggedJson(part, depth + 1)]));
}
