import type { Json } from '../../core/json.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Run } from '../../core/run/run.js';
import type { AuditFact } from '../../core/tenant/audit.js';
import type { Principal } from '../../core/tenant/principal.js';
import { toFact } from './record-change.js';

/** What somebody does to a run: for the commit that does it, whichever process makes that. */
export function runFact(
  deps: { readonly clock: Pick<Clock, 'now'> },
  caller: Principal,
  change: { readonly runId: string; readonly action: string; readonly before?: Json; readonly after?: Json },
): AuditFact {
  const { runId, ...rest } = change;
  return toFact(deps, caller, { target: { kind: 'run', id: runId }, ...rest });
}

/** That somebody has started a run. */
export function startFact(
  deps: { readonly clock: Pick<Clock, 'now'> },
  caller: Principal,
  action: 'run.start' | 'run.rerun',
): (run: Run) => AuditFact {
  return ({ id: runId, workflowId: workflow, workflowVersion: version, rerunOf }) => {
    const repeats = rerunOf === undefined ? {} : { rerun_of: rerunOf.runId, from_node: rerunOf.fromNode };
    return runFact(deps, caller, { runId, action, after: { workflow, version, ...repeats } });
  };
}
