import {
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  listScheduleTimes,
  previewSchedule,
  updateSchedule,
} from '../../../api/endpoints/schedules.js';
import type { ApiScheduleFields, ApiTiming } from '../../../api/schedule-types.js';
import { renderNextTime, renderSchedule } from '../../../core/render/render-schedule.js';
import type { ScheduleSettings, Timing } from '../../../core/schedules/schedule.js';
import { readScheduleFields, SCHEDULE_DEFAULTS } from '../../../core/schedules/schedule-fields.js';
import { emptyReply, jsonReply } from '../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../idempotency-key.js';
import { readMoment } from '../../../mcp/tool-kit/read-moment.js';
import { given } from '../query.js';
import type { RestRoutes } from '../rest-routes.js';

export function addSchedules(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listSchedules, async ({ caller, query: { organization, workflow_id: workflowId } }) => {
    const schedules = await services.listSchedules(caller, given({ organization, workflowId }));
    return jsonReply({ schedules: schedules.map(renderSchedule) });
  });
  routes.add(createSchedule, async ({ exchange, caller, body }) => {
    const { organization, ...fields } = await body();
    const settings: ScheduleSettings = { ...SCHEDULE_DEFAULTS, ...required(fields), ...readFields(fields) };
    const params = { settings, ...given({ organization }), ...idempotencyKeyOf(exchange) };
    const { schedule, created } = await services.createSchedule(caller, params);
    return madeReply(renderSchedule(schedule), created);
  });
  routes.add(previewSchedule, async ({ caller, body }) => {
    const { count = 10, ...timing } = await body();
    const times = await services.previewTimes(caller, { timing: readTiming(timing), count });
    return jsonReply({ times: times.map(renderNextTime) });
  });
  routes.add(getSchedule, async ({ caller, query, param }) => {
    const schedule = await services.getSchedule(caller, { ...given(query), scheduleId: param('id') });
    return jsonReply(renderSchedule(schedule));
  });
  routes.add(listScheduleTimes, async ({ caller, query: { organization, limit }, param }) => {
    const schedule = await services.getSchedule(caller, { ...given({ organization }), scheduleId: param('id') });
    const times = schedule.enabled ? await services.previewTimes(caller, { timing: schedule, count: limit }) : [];
    return jsonReply({ times: times.map(renderNextTime) });
  });
  routes.add(updateSchedule, async ({ caller, body, param }) => {
    const { organization, ...fields } = await body();
    const params = { scheduleId: param('id'), changes: readFields(fields), ...given({ organization }) };
    return jsonReply(renderSchedule(await services.updateSchedule(caller, params)));
  });
  routes.add(deleteSchedule, async ({ caller, query, param }) => {
    await services.deleteSchedule(caller, { ...given(query), scheduleId: param('id') });
    return emptyReply(204);
  });
}

const required = ({ name, workflow_id: workflowId, cron }: ApiScheduleFields) => ({ name, workflowId, cron });

function readTiming(timing: ApiTiming): Timing {
  return { ...SCHEDULE_DEFAULTS, cron: timing.cron, ...readFields(timing) };
}

/** Those that are there. */
const readFields = (fields: Partial<ApiScheduleFields>) => readScheduleFields(fields, readMoment);
