import { LOG_LEVELS, type LogLevel } from '../../core/ports/logger.js';
import { declareEndpoint } from '../endpoint.js';
import type { ApiDoctor, ApiProcess, ApiSystem } from '../system-types.js';
import { closed } from './fields.js';

export const getSystem = declareEndpoint<{ answer: ApiSystem }>()({
  name: 'getSystem',
  method: 'GET',
  path: '/system',
  summary: 'Shows what the server does just now',
  scope: 'operate',
});

export const listProcesses = declareEndpoint<{ answer: { readonly processes: readonly ApiProcess[] } }>()({
  name: 'listProcesses',
  method: 'GET',
  path: '/system/processes',
  summary: 'Lists the processes that are at work on the same records',
  scope: 'operate',
});

export const getDoctor = declareEndpoint<{ answer: ApiDoctor }>()({
  name: 'getDoctor',
  method: 'GET',
  path: '/system/doctor',
  summary: 'Looks over settings, data folder and backups where the server runs, and says what to do',
  scope: 'operate',
});

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
