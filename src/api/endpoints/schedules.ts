import type { JsonSchema } from '../../core/json.js';
import { CATCH_UPS, MAX_CRON_LENGTH, MAX_JITTER_MS, OVERLAPS } from '../../core/schedules/schedule.js';
import { declareEndpoint } from '../endpoint.js';
import type { ApiNextTime, ApiSchedule, ApiScheduleFields, ApiTiming } from '../schedule-types.js';
import { closed, type InOrganization, pageLimit, TEXT } from './fields.js';

const MOMENT = { type: ['string', 'null'] };
const ORGANIZATION = { organization: { type: 'string' } };

const TIMING: { readonly [name: string]: JsonSchema } = {
  cron: { type: 'string', minLength: 1, maxLength: MAX_CRON_LENGTH },
  timezone: { type: 'string' },
  jitter_seconds: { type: 'number', minimum: 0, maximum: MAX_JITTER_MS / 1_000 },
  starts_at: MOMENT,
  ends_at: MOMENT,
};

const FIELDS: { readonly [name: string]: JsonSchema } = {
  ...TIMING,
  name: { type: 'string', minLength: 1, maxLength: 100 },
  workflow_id: { type: 'string' },
  input: {},
  enabled: { type: 'boolean' },
  overlap: { enum: OVERLAPS },
  catch_up: { enum: CATCH_UPS },
};

export const listSchedules = declareEndpoint<{
  query: InOrganization & { readonly workflow_id?: string };
  answer: { readonly schedules: readonly ApiSchedule[] };
}>()({
  name: 'listSchedules',
  method: 'GET',
  path: '/schedules',
  summary: 'Lists the schedules of the organization, oldest first',
  scope: 'read',
  query: { organization: TEXT, workflow_id: TEXT },
});

export const createSchedule = declareEndpoint<{ body: ApiScheduleFields & InOrganization; answer: ApiSchedule }>()({
  name: 'createSchedule',
  method: 'POST',
  path: '/schedules',
  summary: 'Makes a schedule, which starts runs of a workflow at times',
  scope: 'manage',
  body: closed({ ...FIELDS, ...ORGANIZATION }, ['name', 'workflow_id', 'cron']),
  statuses: [201, 200],
  errors: ['not_found', 'conflict', 'payload_too_large'],
});

export const previewSchedule = declareEndpoint<{
  body: ApiTiming & { readonly count?: number };
  answer: { readonly times: readonly ApiNextTime[] };
}>()({
  name: 'previewSchedule',
  method: 'POST',
  path: '/schedules/preview',
  summary: 'Shows the next times that a schedule would have, without making it',
  scope: 'read',
  body: closed({ ...TIMING, count: { type: 'integer', minimum: 1, maximum: 100 } }, ['cron']),
});

export const getSchedule = declareEndpoint<{ query: InOrganization; answer: ApiSchedule }>()({
  name: 'getSchedule',
  method: 'GET',
  path: '/schedules/:id',
  summary: 'Shows one schedule',
  scope: 'read',
  query: { organization: TEXT },
  errors: ['not_found'],
});

export const listScheduleTimes = declareEndpoint<{
  query: InOrganization & { readonly limit?: number };
  answer: { readonly times: readonly ApiNextTime[] };
}>()({
  name: 'listScheduleTimes',
  method: 'GET',
  path: '/schedules/:id/times',
  summary: 'Lists the next times of a schedule; none while it is disabled',
  scope: 'read',
  query: { organization: TEXT, limit: pageLimit(100, 10) },
  errors: ['not_found'],
});

export const updateSchedule = declareEndpoint<{
  body: Partial<ApiScheduleFields> & InOrganization;
  answer: ApiSchedule;
}>()({
  name: 'updateSchedule',
  method: 'PATCH',
  path: '/schedules/:id',
  summary: 'Changes, disables or enables a schedule',
  scope: 'manage',
  body: closed({ ...FIELDS, ...ORGANIZATION }),
  errors: ['not_found', 'payload_too_large'],
});

export const deleteSchedule = declareEndpoint<{ query: InOrganization; answer: null }>()({
  name: 'deleteSchedule',
  method: 'DELETE',
  path: '/schedules/:id',
  summary: 'Deletes a schedule; runs that it has started go on',
  scope: 'manage',
  query: { organization: TEXT },
  statuses: [204],
  errors: ['not_found'],
});
