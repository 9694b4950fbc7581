import { LOG_LEVELS, type LogLevel } from '../../core/ports/logger.js';
import { declareEndpoint } from '../endpoint.js';
import { closed } from './fields.js';

export const getLogLevel = declareEndpoint<{ answer: { readonly level: LogLevel } }>()({
  name: 'getLogLevel',
  method: 'GET',
  path: '/log-level',
  summary: 'Shows from which level on the server logs',
  scope: 'operate',
});

export const setLogLevel = declareEndpoint<{
  body: { readonly level: LogLevel };
  answer: { readonly level: LogLevel };
}>()({
  name: 'setLogLevel',
  method: 'PUT',
  path: '/log-level',
  summary: 'Has the server log from another level on, until it is started again',
  scope: 'operate',
  body: closed({ level: { type: 'string', enum: LOG_LEVELS } }, ['level']),
});
