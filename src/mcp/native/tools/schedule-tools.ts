import type { JsonObject } from '../../../core/json.js';
import { nullIfNotFound } from '../../tool-kit/not-found.js';
import { renderNextTime, renderSchedule, type ScheduleView } from '../../../core/render/render-schedule.js';
import {
  readScheduleFields,
  SCHEDULE_DEFAULTS,
  type ScheduleFields,
  type TimingFields,
} from '../../../core/schedules/schedule-fields.js';
import type { ScheduleSettings } from '../../../core/schedules/schedule.js';
import { inputSchemaOf } from '../../../core/tool-form/workflow-tool-text.js';
import type { CallContext } from '../../contract/call-context.js';
import { shownInput } from '../views/shown-input.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { readMoment } from '../../tool-kit/read-moment.js';
import { readInput } from '../../tool-kit/run-input.js';
import { ACCEPTED } from '../schemas/native-schemas.js';
import {
  CREATE_SCHEDULE_INPUT,
  CREATE_SCHEDULE_OUTPUT,
  DELETE_SCHEDULE_INPUT,
  DELETE_SCHEDULE_OUTPUT,
  LIST_SCHEDULES_INPUT,
  LIST_SCHEDULES_OUTPUT,
  PREVIEW_SCHEDULE_INPUT,
  PREVIEW_SCHEDULE_OUTPUT,
  UPDATE_SCHEDULE_INPUT,
  UPDATE_SCHEDULE_OUTPUT,
} from '../schemas/schedule-schemas.js';

const READS = { destructiveHint: false, idempotentHint: true, openWorldHint: false };
const CHANGES = { destructiveHint: false, openWorldHint: false };

interface ListArguments {
  readonly workflow_id?: string;
  readonly limit?: number;
  readonly offset?: number;
}

export const listSchedules = defineTool<ListArguments>({
  name: 'list_schedules',
  title: 'List schedules',
  description:
    'Lists schedules, which start runs of workflows at times: when, with which input, the next time, and the result of the latest.',
  inputSchema: LIST_SCHEDULES_INPUT,
  outputSchema: LIST_SCHEDULES_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: READS,
  run: async ({ workflow_id: workflowId, limit = 20, offset = 0 }, { services, caller }) => {
    const found = await services.listSchedules(caller, workflowId === undefined ? {} : { workflowId });
    const page = found.slice(offset, offset + limit).map(renderSchedule);
    const lines = page.map((schedule) => `${schedule.name} (${schedule.workflow_id}): ${tellNext(schedule)}`);
    const text = [`${page.length} of ${found.length} schedules.`, ...lines].join('\n');
    return { kind: 'value', value: { schedules: page.map(toValue), total: found.length, limit, offset }, text };
  },
});

export const previewSchedule = defineTool<TimingFields & { readonly count?: number }>({
  name: 'preview_schedule',
  title: 'Preview a schedule',
  description:
    'Returns the next times of a pattern without creating anything. Show them to the user before you create a schedule.',
  inputSchema: PREVIEW_SCHEDULE_INPUT,
  outputSchema: PREVIEW_SCHEDULE_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: READS,
  run: async ({ count = 10, ...fields }, { services, caller }) => {
    const timing = { ...SCHEDULE_DEFAULTS, cron: fields.cron, ...readScheduleFields(fields, readMoment) };
    const times = (await services.previewTimes(caller, { timing, count })).map(renderNextTime);
    const text = times.length === 0 ? 'It has no times to come.' : times.map(({ starts_at }) => starts_at).join('\n');
    return { kind: 'value', value: { times: times.map((time) => ({ ...time })) }, text };
  },
});

export const createSchedule = defineTool<ScheduleFields & { readonly idempotency_key?: string }>({
  name: 'create_schedule',
  title: 'Create a schedule',
  description:
    'Creates a schedule, which starts runs of a workflow at times from now on; each run has its usual cost. Ask the user for the time zone, and show the times that preview_schedule returns.',
  inputSchema: CREATE_SCHEDULE_INPUT,
  accepts: ACCEPTED.input,
  outputSchema: CREATE_SCHEDULE_OUTPUT,
  mutates: true,
  scope: 'manage',
  annotations: { ...CHANGES, idempotentHint: false },
  run: async ({ idempotency_key: idempotencyKey, ...fields }, call) => {
    const { name, cron, workflow_id: workflowId } = fields;
    const changes = await readSettings(fields, workflowId, call);
    const settings: ScheduleSettings = { ...SCHEDULE_DEFAULTS, name, cron, workflowId, ...changes };
    const params = { settings, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    const made = await call.services.createSchedule(call.caller, params);
    const schedule = renderSchedule(made.schedule);
    const text = `${made.created ? 'Made' : 'There is already'} the schedule ${schedule.name}: ${tellNext(schedule)}`;
    return { kind: 'value', value: { ...toValue(schedule), created: made.created }, text };
  },
});

export const updateSchedule = defineTool<Partial<ScheduleFields> & { readonly schedule_id: string }>({
  name: 'update_schedule',
  title: 'Change a schedule',
  description: 'Changes the given fields of a schedule, or disables and enables it. Other fields stay as they are.',
  inputSchema: UPDATE_SCHEDULE_INPUT,
  accepts: ACCEPTED.input,
  outputSchema: UPDATE_SCHEDULE_OUTPUT,
  mutates: true,
  scope: 'manage',
  annotations: { ...CHANGES, idempotentHint: true },
  run: async ({ schedule_id: scheduleId, ...fields }, call) => {
    const { services, caller } = call;
    const before = await services.getSchedule(caller, { scheduleId });
    const changes = await readSettings(fields, fields.workflow_id ?? before.workflowId, call);
    const schedule = renderSchedule(await services.updateSchedule(caller, { scheduleId, changes }));
    return { kind: 'value', value: toValue(schedule), text: `Changed ${schedule.name}: ${tellNext(schedule)}` };
  },
});

export const deleteSchedule = defineTool<{ readonly schedule_id: string }>({
  name: 'delete_schedule',
  title: 'Delete a schedule',
  description: 'Deletes a schedule. Runs that it has started continue.',
  inputSchema: DELETE_SCHEDULE_INPUT,
  outputSchema: DELETE_SCHEDULE_OUTPUT,
  mutates: true,
  scope: 'manage',
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ schedule_id: scheduleId }, { services, caller }) => {
    await services.deleteSchedule(caller, { scheduleId });
    return { kind: 'value', value: { id: scheduleId, deleted: true }, text: `Deleted the schedule ${scheduleId}.` };
  },
});

function toValue({ input, ...schedule }: ScheduleView): JsonObject {
  return { ...(schedule as unknown as JsonObject), ...shownInput(input) };
}

/** With the input as it was meant, by the newest version of the workflow. */
async function readSettings(
  fields: Partial<ScheduleFields>,
  workflowId: string,
  { services, caller }: CallContext,
): Promise<Partial<ScheduleSettings>> {
  const settings = readScheduleFields(fields, readMoment);
  if (settings.input === undefined) return settings;
  const workflow = await services.getWorkflow(caller, { workflowId }).catch(nullIfNotFound);
  return workflow === null ? settings : { ...settings, input: readInput(settings.input, inputSchemaOf(workflow)) };
}

function tellNext({ id, enabled, next_at: next }: ScheduleView): string {
  const when = enabled ? `its next time is ${next ?? 'never'}` : 'it is disabled';
  return `${when} (${id}).`;
}
