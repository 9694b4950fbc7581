import { pino, type Logger as Pino } from 'pino';
import type { Config } from '../config/config.js';
import type { LineLevel, LogControl, Logger, LogLevel } from '../../core/ports/logger.js';
import type { LogSink } from '../../telemetry/otel/export-logs.js';

/** Logs go to standard error: standard output is for answers. */
export function createLogger(config: Pick<Config, 'logLevel'>): ServerLogger {
  return new ServerLogger(pino({ level: config.logLevel, base: null }, pino.destination({ dest: 2, sync: true })));
}

/** One JSON object a line, from a level on that may change while the server runs. */
export class ServerLogger implements Logger, LogControl {
  readonly #pino: Pino;
  #sink: LogSink | null = null;

  constructor(lines: Pino) {
    this.#pino = lines;
  }

  get level(): LogLevel {
    return this.#pino.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.#pino.level = level;
  }

  /** From now on every line is told there too. */
  attach(sink: LogSink): void {
    this.#sink = sink;
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

  isLevelEnabled(level: LineLevel): boolean {
    return this.#pino.isLevelEnabled(level);
  }

  #write(level: LineLevel, fields: object, message: string): void {
    if (!this.isLevelEnabled(level)) return;
    const sink = this.#sink;
    this.#pino[level](sink === null ? fields : { ...fields, ...sink.fields(fields) }, message);
    sink?.take(level, fields, message);
  }
}
