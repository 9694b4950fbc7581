import type { AnyEndpoint } from '../endpoint.js';
import * as authoring from './authoring.js';
import * as audit from './audit.js';
import * as grants from './grants.js';
import * as hooks from './hooks.js';
import * as models from './models.js';
import * as organizations from './organizations.js';
import * as schedules from './schedules.js';
import * as server from './server.js';
import * as webhooks from './webhooks.js';
import * as secrets from './secrets.js';
import * as runs from './runs.js';
import * as workflows from './workflows.js';

/**
 * Every endpoint of the REST API. The server serves each of them, and beside them under `/api/v1` only `openapi.json`.
 */
export const ENDPOINTS: readonly AnyEndpoint[] = [
  workflows,
  authoring,
  runs,
  schedules,
  webhooks,
  hooks,
  secrets,
  organizations,
  grants,
  models,
  server,
  audit,
].flatMap((group) => Object.values(group));
