import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { Run } from '../../core/run/run.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { recordChange } from './record-change.js';

/** What somebody did to a run, once it is done: the run's own log has it from the engine. */
export function recordRunChange(
  deps: Pick<ServiceDeps, 'store' | 'clock'>,
  caller: Principal,
  change: { readonly run: Run; readonly action: string; readonly before?: Json; readonly after?: Json },
): Promise<void> {
  const { run, ...rest } = change;
  const target = { kind: 'run', id: run.id };
  return deps.store.transaction((tx) =>
    recordChange(tx, deps, caller, { organizationId: run.organizationId, target, ...rest }),
  );
}
