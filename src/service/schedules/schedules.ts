import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import {
  MAX_JITTER_MS,
  MAX_SCHEDULE_NAME,
  MAX_SCHEDULES,
  type NextTime,
  type Schedule,
  type ScheduleSettings,
  type Timing,
} from '../../core/schedules/schedule.js';
import { writeInput } from '../../core/text/payload-limits.js';
import { isUuid } from '../../core/text/uuid.js';
import { findWorkflow } from '../catalog/workflows.js';
import type {
  CreateScheduleParams,
  ListSchedulesParams,
  OneScheduleParams,
  UpdateScheduleParams,
} from '../interface/schedules.js';
import { refuseInput } from '../runs/accept/accept-run.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { recordChange } from '../audit/record-change.js';
import { scheduleView } from '../audit/views.js';
import { makeOnce } from '../use-case/make-once.js';
import { refuseProblems } from '../use-case/refuse-problems.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { findTimingProblems, ScheduleTimes } from '../../workflow/schedules/schedule-times.js';

const MAX_PREVIEW = 100;

export async function createSchedule(
  deps: ServiceDeps,
  caller: Principal,
  params: CreateScheduleParams,
): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const settings = await checkSettings(deps, { ...caller, organizationId }, params.settings);
  const now = deps.clock.now();
  const schedule: Schedule = {
    ...settings,
    id: deps.newId(),
    organizationId,
    isDeclared: false,
    createdAt: now,
    updatedAt: now,
    next: nextOf(settings, now),
    last: null,
  };
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key: params.idempotencyKey,
    asked: ['create schedule', organizationId, { ...settings }],
    made: schedule,
    record: async (tx) => {
      if ((await tx.schedules.count({ organizationId })) >= MAX_SCHEDULES)
        throw new ErrandError('conflict', `An organization has at most ${MAX_SCHEDULES} schedules. Delete some first.`);
      await tx.schedules.insert(schedule);
      await recordChange(tx, deps, caller, { ...changeOf('create', schedule), after: scheduleView(schedule) });
    },
    recall: (id) => deps.store.schedules.get({ organizationId, id }),
  });
  deps.schedules.tell();
  return { schedule: made, created };
}

export async function listSchedules(
  deps: ServiceDeps,
  caller: Principal,
  { workflowId, ...rest }: ListSchedulesParams,
): Promise<readonly Schedule[]> {
  requireScope(caller, 'read');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, rest);
  return deps.store.schedules.list({ organizationId, ...(workflowId === undefined ? {} : { workflowId }) });
}

/** One answer for schedules that do not exist and schedules of other organizations. */
export async function getSchedule(deps: ServiceDeps, caller: Principal, params: OneScheduleParams): Promise<Schedule> {
  requireScope(caller, 'read');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { scheduleId: id } = params;
  const found = isUuid(id) ? await deps.store.schedules.get({ organizationId, id }) : null;
  if (found === null) throw new ErrandError('not_found', 'There is no schedule with this id.');
  return found;
}

export async function updateSchedule(
  deps: ServiceDeps,
  caller: Principal,
  params: UpdateScheduleParams,
): Promise<Schedule> {
  requireScope(caller, 'manage');
  const before = await getSchedule(deps, caller, params);
  refuseDeclared(before);
  const { organizationId } = before;
  const settings = await checkSettings(deps, { ...caller, organizationId }, { ...before, ...params.changes });
  const schedule = withSettings(before, settings, deps.clock.now());
  await deps.store.transaction(async (tx) => {
    if (!(await tx.schedules.update(schedule)))
      throw new ErrandError('not_found', 'There is no schedule with this id.');
    const views = { before: scheduleView(before), after: scheduleView(schedule) };
    await recordChange(tx, deps, caller, { ...changeOf('update', schedule), ...views });
  });
  deps.schedules.tell();
  return schedule;
}

export async function deleteSchedule(deps: ServiceDeps, caller: Principal, params: OneScheduleParams): Promise<void> {
  requireScope(caller, 'manage');
  const schedule = await getSchedule(deps, caller, params);
  refuseDeclared(schedule);
  const { id, organizationId } = schedule;
  await deps.store.transaction(async (tx) => {
    if (!(await tx.schedules.delete({ id, organizationId }))) return;
    await recordChange(tx, deps, caller, { ...changeOf('delete', schedule), before: scheduleView(schedule) });
  });
}

function changeOf(what: 'create' | 'update' | 'delete', { id, organizationId }: Schedule) {
  return { organizationId, action: `schedule.${what}`, target: { kind: 'schedule', id } };
}

export function previewTimes(
  deps: Pick<ServiceDeps, 'clock'>,
  caller: Principal,
  { timing, count }: { readonly timing: Timing; readonly count: number },
): readonly NextTime[] {
  requireScope(caller, 'read');
  if (!Number.isInteger(count) || count < 1 || count > MAX_PREVIEW)
    throw new ErrandError('invalid_input', `count must be a whole number from 1 to ${MAX_PREVIEW}, not ${count}.`);
  refuseProblems('schedule', findTimingProblems(timing));
  return new ScheduleTimes(timing).list(deps.clock.now(), count);
}

/** Its next time is another where its timing changes. */
export function withSettings(before: Schedule, settings: ScheduleSettings, now: number): Schedule {
  const isRetimed = TIMED.some((field) => settings[field] !== before[field]);
  return { ...before, ...settings, updatedAt: now, next: isRetimed ? nextOf(settings, now) : before.next };
}

function refuseDeclared({ isDeclared, workflowId }: Schedule): void {
  if (!isDeclared) return;
  const message = `This schedule stands in the file of the workflow ${workflowId}. Change it there.`;
  throw new ErrandError('conflict', message);
}

/** What the next time depends on. */
const TIMED = ['cron', 'timezone', 'jitterMs', 'startsAt', 'endsAt', 'enabled'] as const;

export function nextOf(settings: ScheduleSettings, now: number): NextTime | null {
  return settings.enabled ? new ScheduleTimes(settings).next(now) : null;
}

/** `caller`: in the organization whose the schedule is, which may have a workflow of its own under the id. */
async function checkSettings(
  deps: ServiceDeps,
  caller: Principal,
  settings: ScheduleSettings,
): Promise<ScheduleSettings> {
  // Nobody has runs started who could start none.
  requireScope(caller, 'run');
  const name = settings.name.trim();
  const problems = findTimingProblems(settings);
  if (name === '' || name.length > MAX_SCHEDULE_NAME)
    problems.push({ path: '/name', message: `must have 1 to ${MAX_SCHEDULE_NAME} characters` });
  if (!(settings.jitterMs >= 0 && settings.jitterMs <= MAX_JITTER_MS))
    problems.push({ path: '/jitter_seconds', message: `must be from 0 to ${MAX_JITTER_MS / 1_000}` });
  refuseProblems('schedule', problems);
  const { plan } = findWorkflow(deps, caller, settings.workflowId);
  const filled = await plan.fillInput(settings.input);
  refuseInput(plan, await plan.checkInput(filled, writeInput(filled)));
  return { ...settings, name };
}
