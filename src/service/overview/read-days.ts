import { ALL_WORKFLOWS, dayOf, figuresOf, KEPT_DAYS, type DaysReport } from '../../core/estimates/run-days.js';
import type { Principal } from '../../core/tenant/principal.js';
import { workflowKey } from '../../core/workflow/workflow-key.js';
import type { Catalog } from '../state/catalog.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';

/** What the runs of the last days came to. However many runs there are, it costs the same. */
export async function readDays(
  { store, clock, catalog }: ServiceDeps,
  caller: Principal,
  { workflowId, days }: { readonly workflowId: string | null; readonly days: number },
): Promise<DaysReport> {
  requireScope(caller, 'read');
  const today = dayOf(clock.now());
  const first = today - days + 1;
  const { organizationId } = caller;
  const keys = workflowId === null ? [ALL_WORKFLOWS] : keysOf(catalog, { workflowId, organizationId });
  const fromDay = today - KEPT_DAYS + 1;
  const listed = await Promise.all(keys.map((key) => store.days.list({ organizationId, workflowId: key, fromDay })));
  const kept = listed.flat().toSorted((a, b) => a.day - b.day);
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

/** Of what is there no more, figures are kept of an organization's own and of one for all. */
function keysOf(
  catalog: Pick<Catalog, 'get'>,
  of: { readonly workflowId: string; readonly organizationId: string },
): readonly string[] {
  const entry = catalog.get(of.workflowId, of.organizationId);
  return entry === null ? [of.workflowId, workflowKey(of)] : [entry.plan.key];
}
