import type { Retention } from '../../../core/run/retention.js';
import type { UpdateOrganizationParams } from '../../../service/interface/services.js';
import type { ApiOrganizationChange, ApiRetention } from '../../../api/api-types.js';

export function renderRetention(retention: Retention): ApiRetention {
  return Object.fromEntries(
    Object.entries(retention).map(([status, { keepForMs, keep }]) => [
      status,
      {
        ...(keepForMs === undefined ? {} : { keep_for_seconds: keepForMs === null ? null : keepForMs / 1_000 }),
        ...(keep === undefined ? {} : { keep }),
      },
    ]),
  );
}

export function parseRetention(
  change: NonNullable<ApiOrganizationChange['retention']>,
): NonNullable<UpdateOrganizationParams['retention']> {
  return Object.fromEntries(
    Object.entries(change).map(([status, rule]) => {
      if (rule === null) return [status, null];
      const { keep_for_seconds: seconds, keep } = rule;
      return [
        status,
        {
          ...(seconds === undefined ? {} : { keepForMs: seconds === null ? null : seconds * 1_000 }),
          ...(keep === undefined ? {} : { keep }),
        },
      ];
    }),
  );
}
