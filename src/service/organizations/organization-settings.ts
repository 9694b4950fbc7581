import { ErrandError } from '../../core/errors.js';
import { ENDED_STATUSES, MAX_KEEP_FOR_MS, MAX_KEPT_RUNS, type Retention } from '../../core/run/retention.js';
import { MAX_BILLING_DAY } from '../../core/run/credits.js';
import type { OrganizationSettings } from '../../core/tenant/organization.js';
import type { UpdateOrganizationParams } from '../interface/services.js';

export type SettingsChange = Pick<UpdateOrganizationParams, 'limits' | 'retention' | 'billingDay'>;

/** What is not given stays, null takes out; limits are changed one by one, rules of retention status by status. */
export function changeSettings(before: OrganizationSettings, change: SettingsChange): OrganizationSettings {
  checkLimits(change.limits ?? {});
  checkRetention(change.retention ?? {});
  checkBillingDay(change.billingDay ?? 1);
  const limits = changeLimits(before.limits, change.limits);
  const retention = changeRetention(before.retention, change.retention);
  const billingDay = change.billingDay === undefined ? before.billingDay : (change.billingDay ?? undefined);
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(retention === undefined ? {} : { retention }),
    ...(billingDay === undefined ? {} : { billingDay }),
  };
}

function changeLimits(
  before: OrganizationSettings['limits'],
  change: SettingsChange['limits'],
): OrganizationSettings['limits'] {
  if (change === undefined) return before;
  return change === null ? undefined : { ...before, ...change };
}

function changeRetention(before: Retention | undefined, change: SettingsChange['retention']): Retention | undefined {
  if (change === undefined) return before;
  const rules = Object.entries({ ...before, ...change }).filter(([, rule]) => rule !== null);
  return change === null || rules.length === 0 ? undefined : Object.fromEntries(rules);
}

function checkLimits(limits: { readonly [name: string]: number | null }): void {
  for (const [name, limit] of Object.entries(limits)) {
    if (limit === null || (Number.isSafeInteger(limit) && limit >= 1)) continue;
    throw new ErrandError('invalid_input', `The limit of ${name} must be a whole number from 1 on, or null for none.`);
  }
}

function checkBillingDay(day: number): void {
  if (Number.isInteger(day) && day >= 1 && day <= MAX_BILLING_DAY) return;
  throw new ErrandError(
    'invalid_input',
    `billing_day must be a day of the month, 1 to ${MAX_BILLING_DAY}, or null; not ${day}.`,
  );
}

function checkRetention(retention: NonNullable<SettingsChange['retention']>): void {
  const known: readonly string[] = ['all', ...ENDED_STATUSES];
  for (const [status, rule] of Object.entries(retention)) {
    if (!known.includes(status)) {
      throw new ErrandError('invalid_input', `Runs are kept by status: ${known.join(', ')}; not "${status}".`);
    }
    for (const [name, value] of Object.entries(rule ?? {})) {
      const most = name === 'keepForMs' ? MAX_KEEP_FOR_MS : MAX_KEPT_RUNS;
      if (value === null || (Number.isSafeInteger(value) && value >= 0 && value <= most)) continue;
      throw new ErrandError(
        'invalid_input',
        `${name} of ${status} must be a whole number from 0 to ${most}, or null for no bound.`,
      );
    }
  }
}
