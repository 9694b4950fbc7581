import type { EventChanges } from '../../core/events/kept-event.js';
import type { RunEvent } from '../../core/run/events.js';
import { listExecutions } from '../../core/run/node-execution.js';
import { rootOf } from '../../core/run/paths/node-path.js';
import { isTerminal, type Run } from '../../core/run/run.js';

/** What a commit changes of what a run waits for, and takes; undefined for nothing, as for most. */
export function eventChangesOf(run: Run, events: readonly RunEvent[]): EventChanges | undefined {
  if (!run.nodes.some(({ kind, inner }) => kind === 'event' || inner !== undefined)) return undefined;
  const executions = listExecutions(run.nodes).filter(({ kind }) => kind === 'event');
  // With what holds a node its wait ends too.
  const roots = new Set(executions.map(({ id }) => rootOf(id)));
  const isTouched = events.some((event) => ('nodeId' in event && roots.has(rootOf(event.nodeId))) || isTold(event));
  // Of nodes that have gone with the item that they stood in nothing is left in the record.
  if (!isTouched && !isTerminal(run.status)) return undefined;
  const waits = executions.flatMap(({ id: nodeId, event }) => {
    if (event === undefined) return [];
    const { name, key, since } = event;
    return [{ nodeId, name, key, since }];
  });
  const taken = events.flatMap((event) =>
    event.kind === 'node.answered' && event.eventId !== undefined ? [event.eventId] : [],
  );
  return { waits, taken };
}

/** An event has come, or none has in time. */
function isTold(event: RunEvent): boolean {
  return event.kind === 'node.answered' && event.by !== 'caller';
}
