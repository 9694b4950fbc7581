import { pino } from 'pino';
import type { Config } from '../config/config.js';
import type { Logger } from '../../core/ports/logger.js';

/** Logs go to standard error: standard output is for answers. */
export function createLogger(config: Config): Logger {
  return pino({ level: config.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
}
