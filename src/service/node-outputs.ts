import type { Principal } from '../core/principal.js';
import type { ServiceDeps } from './deps.js';
import { getRun } from './runs.js';
import type { NodeOutput } from './services.js';

/** Outputs may be large, so few are held at a time. */
const PAGE = 50;

/** Reads the outputs from the run's log: they are kept nowhere else. */
export async function* listNodeOutputs(
  deps: ServiceDeps,
  caller: Principal,
  runId: string,
): AsyncGenerator<NodeOutput> {
  await getRun(deps, caller, runId);
  let afterSeq = 0;
  for (;;) {
    const events = await deps.store.listEvents({ runId, afterSeq, limit: PAGE });
    for (const event of events) {
      if (event.kind === 'node.completed') yield { nodeId: event.nodeId, output: event.output };
      afterSeq = event.seq;
    }
    if (events.length === 0) return;
  }
}
