import { isJsonObject, type Json } from '../../core/json.js';
import { CATCH_UPS, MAX_JITTER_MS, MAX_SCHEDULE_NAME, OVERLAPS } from '../../core/schedules/schedule.js';
import { readScheduleFields, SCHEDULE_DEFAULTS } from '../../core/schedules/schedule-fields.js';
import { parseMoment } from '../../core/time/moment.js';
import type { ScheduleDefinition } from '../../core/workflow/definition.js';
import { findTimingProblems } from '../schedules/schedule-times.js';
import { compileDefaults } from '../schema/fill-defaults.js';
import { compileSchema } from '../schema/schema.js';
import { type DefinitionPath, pointerToPath, showType } from '../schema/value-text.js';
import {
  anything,
  checkFields,
  type FieldCheck,
  type FieldRules,
  type Fields,
  oneOf,
  text,
  trueOrFalse,
} from './fields/check-fields.js';
import { valueAt } from './check-schema.js';
import type { Faults } from './fields/faults.js';

/** In the file of one workflow. */
const MAX_DECLARED = 100;
const MAX_JITTER_SECONDS = MAX_JITTER_MS / 1_000;

const name: FieldCheck = (value, at, faults) => {
  text(value, at, faults);
  if (typeof value === 'string' && value.length > MAX_SCHEDULE_NAME)
    faults.add(at, `must have at most ${MAX_SCHEDULE_NAME} characters`, value);
};

const jitter: FieldCheck = (value, at, faults) => {
  if (typeof value === 'number' && value >= 0 && value <= MAX_JITTER_SECONDS) return;
  faults.add(at, `must be a number from 0 to ${MAX_JITTER_SECONDS}`, value);
};

const moment: FieldCheck = (value, at, faults) => {
  if (typeof value === 'string' && parseMoment(value) !== null) return;
  faults.add(at, 'must be an RFC 3339 time by the year 9999, such as 2027-01-31T12:00:00Z', value);
};

const SCHEDULE_RULES: FieldRules = {
  name: { check: name },
  cron: { required: true, check: text },
  timezone: { check: text },
  input: { check: anything },
  enabled: { check: trueOrFalse },
  overlap: { check: oneOf(...OVERLAPS) },
  catch_up: { check: oneOf(...CATCH_UPS) },
  jitter_seconds: { check: jitter },
  starts_at: { check: moment },
  ends_at: { check: moment },
  organization: { check: text },
};

/** The schedules in the file of a workflow. */
export function checkSchedules(workflow: Fields, faults: Faults): void {
  const { schedules } = workflow;
  if (schedules === undefined) return;
  if (!Array.isArray(schedules) || schedules.length > MAX_DECLARED) {
    const given = Array.isArray(schedules) ? `${schedules.length}` : showType(schedules);
    faults.add(['schedules'], `must be a list of at most ${MAX_DECLARED} schedules, not ${given}`);
    return;
  }
  const places = new Map<string, number>();
  for (const [index, schedule] of (schedules as readonly unknown[]).entries()) {
    const at: DefinitionPath = ['schedules', index];
    const before = faults.list.length;
    const checked = { value: schedule, at, what: 'a schedule', rules: SCHEDULE_RULES, faults };
    if (!checkFields(checked) || faults.list.length > before) continue;
    const written = checked.value as unknown as ScheduleDefinition;
    checkTiming(written, at, faults);
    checkInput(workflow['input'], written.input ?? {}, [...at, 'input'], faults);
    const key = JSON.stringify([written.organization ?? null, written.name ?? written.cron]);
    const earlier = places.get(key);
    if (earlier === undefined) places.set(key, index);
    else faults.add([...at, 'name'], `schedules[${earlier}] has this name already`, written.name ?? written.cron);
  }
}

function checkTiming(written: ScheduleDefinition, at: DefinitionPath, faults: Faults): void {
  const fields = readScheduleFields(written, (_, given) => parseMoment(given));
  const timing = { ...SCHEDULE_DEFAULTS, ...fields, cron: written.cron };
  for (const { path, message } of findTimingProblems(timing)) {
    const place = [...at, path.slice(1)];
    faults.add(place, message, valueAt(written, [path.slice(1)]));
  }
}

/** An input schema that is faulty is told of elsewhere. */
function checkInput(schema: unknown, input: Json, at: DefinitionPath, faults: Faults): void {
  const declared = (schema ?? { type: 'object' }) as Json;
  const compiled = compileSchema(declared);
  if (compiled.status !== 'ok' || !isJsonObject(declared)) return;
  const filled = compileDefaults(declared)(input);
  for (const { path, message } of compiled.check(filled))
    faults.add([...at, ...pointerToPath(path, filled)], `does not fit the workflow's input: ${message}`);
}
