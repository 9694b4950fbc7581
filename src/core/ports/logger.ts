/** The levels at which the rooms log. */
export type LineLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured logging, as the rooms use it. `pino` loggers fit. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Whether lines of a level are written at all, as `pino` tells; they are where this is not given. */
  isLevelEnabled?(level: LineLevel): boolean;
}

/** From the fewest lines to the most; `silent`: none. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** From which level on a server logs, which may change while it runs. */
export interface LogControl {
  level: LogLevel;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A logger whose every line bears these fields too. A class: the runner makes one for each attempt that logs. */
export class FieldLogger implements Logger {
  readonly #logger: Logger;
  readonly #fields: object;

  constructor(logger: Logger, fields: object) {
    this.#logger = logger;
    this.#fields = fields;
  }

  debug(fields: object, message: string): void {
    this.#logger.debug({ ...fields, ...this.#fields }, message);
  }

  info(fields: object, message: string): void {
    this.#logger.info({ ...fields, ...this.#fields }, message);
  }

  warn(fields: object, message: string): void {
    this.#logger.warn({ ...fields, ...this.#fields }, message);
  }

  error(fields: object, message: string): void {
    this.#logger.error({ ...fields, ...this.#fields }, message);
  }
}
