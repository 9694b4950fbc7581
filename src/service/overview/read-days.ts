import { ALL_WORKFLOWS, dayOf, figuresOf, KEPT_DAYS, type DaysReport } from '../../core/estimates/run-days.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';

/** What the runs of the last days came to. However many runs there are, it costs the same. */
export async function readDays(
  { store, clock }: ServiceDeps,
  caller: Principal,
  { workflowId, days }: { readonly workflowId: string | null; readonly days: number },
): Promise<DaysReport> {
  requireScope(caller, 'read');
  const today = dayOf(clock.now());
  const first = today - days + 1;
  const kept = await store.days.list({
    organizationId: caller.organizationId,
    workflowId: workflowId ?? ALL_WORKFLOWS,
    fromDay: today - KEPT_DAYS + 1,
  });
  const shown = kept.filter(({ day }) => day >= first && day <= today);
  return {
    since: kept.find(({ amount }) => amount > 0)?.day ?? null,
    whole: figuresOf(shown),
    days: Array.from({ length: days }, (_, index) => {
      const day = first + index;
      return { day, figures: figuresOf(shown.filter((amount) => amount.day === day)) };
    }),
  };
}
